"""Two people at once on PostgreSQL: what the second does while what the first did is not committed yet."""

import threading

from sqlalchemy import text

from db.engine import reading, writing

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


def second_beside(first, second, then=None):
    """Do the second from another connection before the first is committed; return what it gave or raised.

    The first is committed once the second waits for it, or is through without waiting; `then` is what it does before.
    """
    found = []

    def other():
        try:
            with writing() as session:
                given = second(session)
            found.append(given)
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=other)
    with writing() as session, reading() as beside:
        first(session)
        session.flush()
        thread.start()
        while thread.is_alive() and not beside.scalar(WAITING):
            beside.rollback()  # each look is a new one
            thread.join(0.01)
        if then is not None:
            then(session)
    thread.join()
    return found[0]
