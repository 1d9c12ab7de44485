"""An MTProto server for tests, written from the documents alone."""
from .habits import Habits
from .handshake import DH_STEP, GEN_STEP, LIES, PQ_STEP
from .server import Server, Shared
from .tamper import TAMPERS
from .world import CODE, SRP_LIES, UNKNOWN

__all__ = ["Habits", "LIES", "PQ_STEP", "DH_STEP", "GEN_STEP", "Server", "Shared", "TAMPERS", "SRP_LIES", "CODE", "UNKNOWN"]
