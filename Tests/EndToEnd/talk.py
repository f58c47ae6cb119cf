"""People who talk while the gateway comes and goes, and what each of them must have heard in the end."""

import asyncio

CONFIRMED_BETWEEN = 30
PATIENCE_SECONDS = 60


async def over_restarts(listeners, speakers, restart, times, say_last):
    """Has all of them talk over so many restarts; returns when every listener has heard what `say_last` says."""
    tasks = [asyncio.create_task(person.run()) for person in [*listeners, *speakers]]
    try:
        for _ in range(times):
            await asyncio.wait_for(until_confirmed(speakers, tasks), PATIENCE_SECONDS)
            await asyncio.to_thread(restart)
        await end(tasks[len(listeners):])
        await say_last()
        for listener in listeners:
            await asyncio.wait_for(listener.last.wait(), PATIENCE_SECONDS)
    finally:
        await end(tasks)


async def end(tasks):
    """Cancels tasks until they are: before Python 3.12, `wait_for` forgets a cancellation that comes with its result."""
    while not all(task.done() for task in tasks):
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=1)


async def until_confirmed(speakers, tasks):
    """Returns when each of them has been confirmed so much more."""
    goal = min(len(speaker.confirmed) for speaker in speakers) + CONFIRMED_BETWEEN
    try:
        while min(len(speaker.confirmed) for speaker in speakers) < goal:
            await asyncio.sleep(0.01)
            failed = [task for task in tasks if task.done()]
            assert not failed, failed
    except asyncio.CancelledError:
        print(f"expected {goal} of each:", *(f"{s.name}: {len(s.confirmed)} of {s.said}" for s in speakers))
        raise


def assert_all_was_heard(listeners, speakers):
    """Every message, once, in order: those that were stored but not confirmed included."""
    for listener in listeners:
        assert listener.seqs == list(range(1, len(listener.seqs) + 1))
        assert len(set(listener.contents)) == len(listener.contents)
        said = dict(zip(listener.seqs, listener.contents))
        for speaker in speakers:
            for seq, content in speaker.confirmed:
                assert said[seq] == content
