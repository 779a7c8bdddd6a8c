"""Send a command line to its command, and every failure to its exit code."""

from __future__ import annotations

import atexit
import difflib
import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from simulator.cli import report, streams

ARGUMENTS = "simulator.arguments"
"""Under which the arguments stand in the context, as they were typed."""


class Commands(Mapping[str, click.Command]):
    """Commands by name, each imported when it is asked for: loading all of them takes longer than many work.

    Parameters
    ----------
    package
        Where the modules lie; each holds the command of its name as `command`.
    names
        Of the commands, in the order in which someone meets them.
    """

    def __init__(self, package: str, names: Sequence[str]) -> None:
        self._package = package
        self._names = names

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._names:
            raise KeyError(name)
        return import_module(f"{self._package}.{name}").command

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class PlanGroup(click.Group):
    """A group whose first argument that is no option, where it is no command, is a plan.

    Parameters
    ----------
    default
        Name of the command that takes a plan without being named.
    """

    def __init__(self, *args: Any, default: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default = default

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order in which someone meets them, not by alphabet."""
        return list(self.commands)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Show both ways to begin."""
        return ["PLAN | COMMAND", "[OPTIONS]"]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Offer files besides the commands, for the first word may be a plan."""
        from click.shell_completion import CompletionItem

        items = super().shell_complete(ctx, incomplete)
        return items if incomplete.startswith("-") else [*items, CompletionItem(incomplete, type="file")]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command first, the default one where none is named."""
        return super().parse_args(ctx, self._command_first(ctx, args))

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> Any:
        """Run a command line and exit with the code of what became of it."""
        if f"_{self.name.upper()}_COMPLETE" in os.environ:
            return super().main(args, self.name, **extra)
        arguments = list(sys.argv[1:] if args is None else args)
        streams.prepare(own=args is None)
        if args is None:
            # The process ends with this: looking for garbage in all that was imported is time lost.
            atexit.register(gc.freeze)
        sys.exit(self._guarded(arguments, extra))

    def _guarded(self, arguments: list[str], extra: dict[str, Any]) -> int:
        as_json = "--json" in arguments
        try:
            try:
                with self.make_context(self.name, list(arguments), **extra) as context:
                    context.meta[ARGUMENTS] = arguments
                    self.invoke(context)
                sys.stdout.flush()
                return report.OK
            except click.exceptions.Exit as finished:
                sys.stdout.flush()
                return finished.exit_code
            except KeyboardInterrupt as interrupt:
                problem = report.Problem(
                    getattr(interrupt, "message", "Interrupted."), hint=getattr(interrupt, "hint", None)
                )
                code = report.tell([problem], report.INTERRUPTED, as_json=as_json)
                _leave(code)
                return code
            except BrokenPipeError:
                raise
            except Exception as error:
                return report.failure(error, as_json=as_json)
        except BrokenPipeError:
            # The reader has what it wanted (`| head`).
            report.discard(sys.stdout)
            return report.OK
        except OSError as error:
            # The help or the version could not be written: the disk behind stdout is full.
            report.discard(sys.stdout)
            return report.failure(error, as_json=False)

    def _command_first(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(report.USAGE)
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        if not args or args[0] in own:
            return args
        position = next(self._positions(args), None)
        if position is None:
            return [self.default, *args]
        word = args[position]
        if word in self.commands:
            return [word, *args[:position], *args[position + 1 :]]
        if not _may_be_a_plan(word) and not ctx.resilient_parsing:
            raise click.UsageError(self._no_such_command(word), ctx)
        return [self.default, *args]

    def _positions(self, args: list[str]) -> Iterator[int]:
        """Yield where the words stand that are neither options nor values of options."""
        skip = False
        for position, word in enumerate(args):
            if skip:
                skip = False
            elif word == "--":
                if position + 1 < len(args):
                    yield position + 1
                return
            elif word.startswith("-") and word != "-":
                skip = self._takes_value(word)
            else:
                yield position

    def _takes_value(self, option: str) -> bool:
        """Tell whether the word after an option belongs to it."""
        return any(
            isinstance(parameter, click.Option) and not parameter.is_flag and option in parameter.opts
            for command in self.commands.values()
            for parameter in command.params
        )

    def _no_such_command(self, word: str) -> str:
        near = difflib.get_close_matches(word, self.commands, n=1)
        if near:
            return f"No such command {word!r}. Did you mean {near[0]!r}?"
        return f"No such command {word!r}, and no such plan. Commands: {', '.join(self.commands)}."


def _may_be_a_plan(word: str) -> bool:
    """Tell a file from a command, whose name holds neither a dot nor a separator; a suffix may be mistyped."""
    marks = [mark for mark in (".", os.sep, os.altsep) if mark]
    return any(mark in word for mark in marks) or os.path.exists(word)


def _leave(code: int) -> None:
    """Exit at once: Python would wait for every thread first, and might end by the signal, not the code."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
