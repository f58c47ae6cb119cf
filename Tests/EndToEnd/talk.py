"""People who talk while the gateway comes and goes, and what each of them must have heard in the end."""

import asyncio

CONFIRMED_BETWEEN = 30


async def over_restarts(listeners, speakers, restart, times, say_last):
    """Has all of them talk over so many restarts; returns when every listener has heard what `say_last` says."""
    tasks = [asyncio.create_task(person.run()) for person in [*listeners, *speakers]]
    try:
        for _ in range(times):
            goal = min(len(speaker.confirmed) for speaker in speakers) + CONFIRMED_BETWEEN
            while min(len(speaker.confirmed) for speaker in speakers) < goal:
                await asyncio.sleep(0.01)
                failed = [task for task in tasks if task.done()]
                assert not failed, failed
            await asyncio.to_thread(restart)
        for task in tasks[len(listeners):]:
            task.cancel()
        await say_last()
        for listener in listeners:
            await asyncio.wait_for(listener.last.wait(), 60)
    finally:
        for task in tasks:
            task.cancel()


def assert_all_was_heard(listeners, speakers):
    """Every message, once, in order: those that were stored but not confirmed included."""
    for listener in listeners:
        assert listener.seqs == list(range(1, len(listener.seqs) + 1))
        assert len(set(listener.contents)) == len(listener.contents)
        said = dict(zip(listener.seqs, listener.contents))
        for speaker in speakers:
            for seq, content in speaker.confirmed:
                assert said[seq] == content
