import { createHash } from "node:crypto";

/**
 * The recipe of the stack image `quine/debian-12`: one image for builds and for every dyno, what a Heroku stack has without
 * its heavy optional parts. Data and a few lines of shell; the image's tag is a hash of all of it and of the CA certificates,
 * so that a changed recipe is another image.
 */
export const stack = {
  name: "debian-12",
  repository: "quine/debian-12",
  release: "bookworm",
  packages: [
    // a shell to work in
    "bash",
    "bzip2",
    "ca-certificates",
    "coreutils",
    "curl",
    "dnsutils",
    "file",
    "gnupg",
    "iproute2",
    "jq",
    "less",
    "locales",
    "netcat-openbsd",
    "openssh-client",
    "openssl",
    "patch",
    "procps",
    "psmisc",
    "rsync",
    "tzdata",
    "unzip",
    "xz-utils",
    "zip",
    "zstd",
    // builds
    "autoconf",
    "automake",
    "bison",
    "build-essential",
    "gettext",
    "git",
    "libtool",
    "pkg-config",
    "python3",
    "python3-dev",
    "python3-venv",
    "python-is-python3",
    // libraries that native extensions of the usual languages link with
    "libatomic1",
    "libbz2-dev",
    "libcurl4-openssl-dev",
    "libevent-dev",
    "libffi-dev",
    "libgmp-dev",
    "libjpeg-dev",
    "liblzma-dev",
    "libmaxminddb-dev",
    "libncurses-dev",
    "libpng-dev",
    "libpq-dev",
    "libreadline-dev",
    "libsqlite3-dev",
    "libssl-dev",
    "libwebp-dev",
    "libxml2-dev",
    "libxslt1-dev",
    "libyaml-dev",
    "libzstd-dev",
    "sqlite3",
    "zlib1g-dev",
    // what the runtime and the compiler do to files, mounts and the firewall
    "e2fsprogs",
    "iptables",
    "kmod",
    "mount",
    "squashfs-tools",
    "tini",
    "util-linux",
  ],
  /** Run as root in the finished root file system. */
  finish: `
set -eu
useradd --uid 1000 --user-group --home-dir /app --no-create-home --shell /bin/bash dyno
mkdir -p /app /volume /etc/quine
chown dyno:dyno /app /volume
: > /etc/quine/extra-ca.crt
update-ca-certificates
# Nothing here raises anyone's rights: dynos have no-new-privileges, and need none.
find / -xdev -type f -perm /6000 -exec chmod a-s {} +
rm -rf /var/cache/apt/archives/*.deb /var/lib/apt/lists/* /var/log/apt /var/log/*.log /usr/share/doc/* /usr/share/man/*
# One machine id for every dyno would be a lie; none is asked for.
: > /etc/machine-id
`,
  /** As \`docker import --change\` and a Dockerfile know them. */
  changes: [
    "ENV LANG=C.UTF-8",
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "WORKDIR /app",
  ],
} as const;

/** @param extraCa PEM text of the CA certificates that go into the image's trust store, or "". */
export function stackImageName(extraCa: string): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([stack, extraCa]))
    .digest("hex");
  return `${stack.repository}:${hash.slice(0, 12)}`;
}
