"""Where bytes live, and the limits on what comes in."""

from __future__ import annotations

from matteweb.settings import env
from matteweb.settings.base import DATA_DIR

GIB = 1024**3

BLOB_DIR = DATA_DIR / "blobs"
UPLOAD_DIR = DATA_DIR / "uploads"
WORK_DIR = DATA_DIR / "work"
MASK_DIR = DATA_DIR / "masks"  # masks by hand while they are worked on
FLOW_DIR = DATA_DIR / "flow"  # motion of clips; may be deleted, it is made again
# Folders of clips with true masks, put there by a person: engines for masks are measured on them.
EVALUATION_DIR = env.folder("MATTEWEB_EVALUATION", DATA_DIR / "evaluation")
ENGINE_SOCKET = DATA_DIR / "engine.sock"  # between the web server and the live engine
# Weights of networks that do not ship with the program lie here, put there by a person.
WEIGHTS_DIR = env.folder("MATTEWEB_WEIGHTS", DATA_DIR / "weights")

UPLOAD_MAX_BYTES = env.integer("MATTEWEB_UPLOAD_MAX_GIB", 64, least=1) * GIB
UPLOAD_EXPIRES_HOURS = env.integer("MATTEWEB_UPLOAD_EXPIRES_HOURS", 7 * 24, least=1)
PROJECT_QUOTA_BYTES = env.integer("MATTEWEB_PROJECT_QUOTA_GIB", 2000, least=1) * GIB
DISK_RESERVE_BYTES = env.integer("MATTEWEB_DISK_RESERVE_MIB", 2048) * 1024**2

# A clip beyond these is refused by the probe before a frame is decoded.
MAX_FRAME_SIDE = env.integer("MATTEWEB_MAX_FRAME_SIDE", 8192, least=16)
MAX_FRAMES = env.integer("MATTEWEB_MAX_FRAMES", 200_000, least=1)
PROBE_MEMORY_MIB = env.integer("MATTEWEB_PROBE_MEMORY_MIB", 4096, least=256)
PROBE_CPU_SECONDS = env.integer("MATTEWEB_PROBE_CPU_SECONDS", 1800, least=5)

# A Blender 4.2 to 4.5 that is installed on the machine; without it the one of `make render-setup`.
BLENDER = env.text("MATTEWEB_BLENDER", "")

# Handed to nginx after the permission check when set, e.g. /protected/
X_ACCEL_PREFIX = env.text("MATTEWEB_X_ACCEL_PREFIX", "")

# Django must not collect bodies itself: uploads are cut into chunks of 8 MiB by the client.
DATA_UPLOAD_MAX_MEMORY_SIZE = 24 * 1024**2
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024**2

# An unreferenced blob younger than this may belong to a job that is about to name it.
COLLECT_AFTER_HOURS = env.integer("MATTEWEB_COLLECT_AFTER_HOURS", 24)
