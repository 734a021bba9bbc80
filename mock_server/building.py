"""Builds a fake from its settings: the contract, the world, the database and all that it holds."""

import sys
from typing import TextIO

from contracts.faults import ConfigError, Fault
from contracts.spec import load_contract
from contracts.world_file import load_world_data
from mock_server.addresses import CONTROL_ROOT
from mock_server.fake import Fake
from mock_server.request_log import RequestLog
from mock_server.settings import Settings
from mock_server.storage.armed import ArmedFaults
from mock_server.storage.database import Database
from mock_server.storage.journal import Journal
from mock_server.storage.revisions import Revisions
from mock_server.storage.rows import RowMaker
from mock_server.storage.sessions import Sessions
from mock_server.storage.worlds import Worlds


def build_fake(settings: Settings, url: str = "") -> Fake:
    """Build a fake from its settings. Raises ConfigError for a spec, a world or a journal that cannot be used.

    A journal in a file brings sessions and changes of the world along, and they have to fit the contract, too.
    """
    contract = load_contract(settings.spec)
    data, name = load_world_data(settings.world, contract)
    database = Database(settings.journal)
    revisions = Revisions(settings.journal)
    worlds = Worlds(database, revisions, contract, data, name)
    misfits = worlds.misfits(contract, data)
    if misfits:
        raise ConfigError([Fault(f"{settings.journal}, {fault.place}", fault.problem) for fault in misfits])
    journal = Journal(
        database,
        RowMaker(contract, settings.journal_bodies),
        worlds.secrets,
        (settings.journal_entries, settings.journal_bytes),
        keep_seconds=settings.journal_seconds,
        others=revisions if settings.workers > 1 else None,
    )
    return Fake(
        contract=contract,
        worlds=worlds,
        journal=journal,
        sessions=Sessions(database, revisions, worlds, contract),
        faults=ArmedFaults(database, revisions, contract),
        log=log_to(sys.stderr, settings, worlds, f"{url}{CONTROL_ROOT}/requests/" if settings.control and url else ""),
        settings=settings,
        url=url,
    )


def log_to(stream: TextIO, settings: Settings, worlds: Worlds, link: str = "") -> RequestLog:
    """Give the log of a fake. `link` is what leads to a request when its id is put behind it."""
    return RequestLog(
        stream,
        as_json=settings.log_json,
        level=settings.log_level,
        link=link,
        hide=lambda exchange, text: worlds.secrets_beside(exchange.headers, exchange.query).hidden(text),
    )
