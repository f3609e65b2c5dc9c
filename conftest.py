"""Lets nbval compare the outputs that a notebook stores, and the tests of a page share one visit to it."""

import re

import pytest
from nbval.plugin import IPyNbCell

PAGE = re.compile(r"tests/book/test_(?:pages|figures)\.py::\w+\[([^#\]]+)")


def pytest_collection_modifyitems(items):
    """Count a cell with stored outputs as run: nbstripout drops the execution counts, and nbval asks for one."""
    for item in items:
        if isinstance(item, IPyNbCell) and item.cell.outputs:
            item.cell.execution_count = 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Deal out the tests of the built book page by page, all others by module."""
    if config.getvalue("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByPage(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            page = PAGE.match(nodeid)
            return page[1] if page else super()._split_scope(nodeid)

    return ByPage(config, log)
