"""Lets nbval compare the outputs that a notebook stores, and the tests of the pages share one visit to each."""

import re

import pytest
from nbval.plugin import IPyNbCell

VISITS = re.compile(r"tests/book/test_(?:pages|figures)\.py::")


def pytest_collection_modifyitems(items):
    """Count a cell with stored outputs as run: nbstripout drops the execution counts, and nbval asks for one."""
    for item in items:
        if isinstance(item, IPyNbCell) and item.cell.outputs:
            item.cell.execution_count = 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Deal out the tests that share visits to the pages in one piece, all others by module."""
    if config.getvalue("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return "visits" if VISITS.match(nodeid) else super()._split_scope(nodeid)

    return Scheduling(config, log)
