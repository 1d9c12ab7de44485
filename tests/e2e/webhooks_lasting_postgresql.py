"""The same as webhooks_lasting.py with its stores in PostgreSQL."""
import os
import runpy
import sys

os.environ["TGCALLD_TEST_STORE"] = "postgresql"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "webhooks_lasting.py"), run_name="__main__")
