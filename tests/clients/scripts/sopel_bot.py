# Sopel refuses to run as root, which is all that there is where these tests run in a container.
import os
import sys

os.getuid = os.geteuid = lambda: 1000

from sopel.cli.run import main  # noqa: E402

sys.exit(main())
