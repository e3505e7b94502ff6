"""A pseudo-terminal for tests: python3 pty.py [LINK]

Prints the terminal's name on the first line of standard output; then what a program writes to the terminal
comes out of standard output, and what is put into standard input comes to that program. With LINK, a symbolic link of
that name points to the terminal as long as this runs. Ends with its standard input. The terminal is kept
open here, so that a program may close and open it; when this ends the program sees the line hang up.
"""

import os
import select
import sys
import tty


def main():
    link = sys.argv[1] if len(sys.argv) > 1 else None
    master, slave = os.openpty()
    tty.setraw(slave)
    name = os.ttyname(slave)
    if link:
        temporary = link + ".new"
        if os.path.lexists(temporary):
            os.unlink(temporary)
        os.symlink(name, temporary)
        os.replace(temporary, link)
    os.write(1, (name + "\n").encode())
    try:
        while True:
            ready, _, _ = select.select([0, master], [], [])
            if 0 in ready:
                data = os.read(0, 65536)
                if not data:
                    return
                write_all(master, data)
            if master in ready:
                write_all(1, os.read(master, 65536))
    except (OSError, KeyboardInterrupt):
        return
    finally:
        if link and os.path.lexists(link) and os.readlink(link) == name:
            os.unlink(link)


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data):]


main()
