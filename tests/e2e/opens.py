"""How often the files of some folders are opened, by whichever process, as the kernel counts:
https://man7.org/linux/man-pages/man7/inotify.7.html"""

import collections
import ctypes
import os
import struct

IN_OPEN, IN_ISDIR = 0x20, 0x40000000
EVENT = struct.Struct("iIII")
LIBC = ctypes.CDLL(None, use_errno=True)


class Opens:
    """Counts from its making until counts()."""

    def __init__(self, folders):
        self.handle = LIBC.inotify_init1(os.O_NONBLOCK)
        if self.handle < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self.folders = {}
        for folder in folders:
            watched = LIBC.inotify_add_watch(self.handle, os.fsencode(folder), IN_OPEN)
            if watched < 0:
                raise OSError(ctypes.get_errno(), "inotify_add_watch " + folder)
            self.folders[watched] = folder

    def __enter__(self):
        return self

    def __exit__(self, *error):
        os.close(self.handle)

    def counts(self):
        """How often each path was opened."""
        counted = collections.Counter()
        while True:
            try:
                events = os.read(self.handle, 1 << 16)
            except BlockingIOError:
                return counted
            while events:
                watched, mask, _, size = EVENT.unpack_from(events)
                name = events[EVENT.size:EVENT.size + size].rstrip(b"\0")
                events = events[EVENT.size + size:]
                if name and not mask & IN_ISDIR:
                    counted[os.path.join(self.folders[watched], os.fsdecode(name))] += 1
