import { pipeline } from "node:stream/promises";
import type { Response } from "express";
import type { Parts } from "../parts.ts";
import { sourceAddressOf } from "../sources/address.ts";
import { sourceRepository } from "../sources/store.ts";
import type { Build } from "./build.ts";

/**
 * The source's bytes. One that lies elsewhere is not fetched by the API, which stands in the platform's own network: the dyno is sent
 * there and fetches it within its own walls.
 */
export async function sendSource({ registry }: Parts, build: Build, response: Response): Promise<void> {
  const address = sourceAddressOf(build.sourceUrl);
  if (address === undefined || build.sourceDigest === null) {
    response.redirect(302, build.sourceUrl);
    return;
  }
  const blob = await registry.getBlob(sourceRepository(address.ownerId), build.sourceDigest);
  response.setHeader("content-type", "application/octet-stream");
  await pipeline(blob, response);
}
