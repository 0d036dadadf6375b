{ "targets": [{ "target_name": "answer", "sources": ["answer.c"] }] }
