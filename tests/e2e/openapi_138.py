"""The same as openapi.py in the reference layer."""
import os
import runpy
import sys

os.environ["TGCALLD_TEST_LAYER"] = "138"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "openapi.py"), run_name="__main__")
