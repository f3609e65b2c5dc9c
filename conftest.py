"""Lets nbval compare the outputs that a notebook stores."""

from nbval.plugin import IPyNbCell


def pytest_collection_modifyitems(items):
    """Count a cell with stored outputs as run: nbstripout drops the execution counts, and nbval asks for one."""
    for item in items:
        if isinstance(item, IPyNbCell) and item.cell.outputs:
            item.cell.execution_count = 1
