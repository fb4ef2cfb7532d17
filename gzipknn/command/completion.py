"""``gzipknn completion``: print a script with which a shell completes command lines."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from gzipknn.command.options import Commands, Parser
from gzipknn.command.streams import write

BASH = """_gzipknn() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} words
    case "${{COMP_WORDS[1]}} $previous" in
{choices}
    *) case "${{COMP_WORDS[1]}}" in
{options}
        esac ;;
    esac
    [ "$COMP_CWORD" -eq 1 ] && words="{commands}"
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _gzipknn gzipknn"""
ZSH = "autoload -U +X bashcompinit && bashcompinit\n"
"""Lines that zsh needs before the script for bash, which it then reads."""


def add_to(commands: Commands, parser: Parser) -> None:
    """Add the subcommand. It knows all other subcommands of the parser."""
    about = "print the completion file of a shell"
    command = commands.add_parser("completion", help=about, description=f"{about[0].upper()}{about[1:]}.")
    command.set_defaults(run=lambda options: write(completion(options.shell, parser)))
    command.add_argument("shell", choices=("bash", "zsh", "fish"), help='of bash: eval "$(gzipknn completion bash)"')


def completion(shell: str, parser: Parser) -> str:
    """Return the completion script for a shell."""
    found = list(_subcommands(parser))
    if shell == "fish":
        return "\n".join(_fish(found))
    choices, options = [], []
    for name, _, command in found:
        words = [option for action in command._actions for option in action.option_strings]
        words += [str(choice) for action in _positional(command) for choice in action.choices or ()]
        options.append(f'    {name}) words="{" ".join(words)}" ;;')
        for action in command._actions:
            if action.option_strings and action.choices:
                cases = "|".join(f'"{name} {option}"' for option in action.option_strings)
                choices.append(f'    {cases}) words="{" ".join(map(str, action.choices))}" ;;')
    names = " ".join(name for name, _, _ in found)
    file = BASH.format(choices="\n".join(choices), options="\n".join(options), commands=names)
    return (ZSH if shell == "zsh" else "") + file


def _fish(found: list[tuple[str, str, argparse.ArgumentParser]]) -> Iterator[str]:
    for name, about, command in found:
        yield f"complete -c gzipknn -n __fish_use_subcommand -a {name} -d {_quoted(about)}"
        condition = f"-n '__fish_seen_subcommand_from {name}'"
        for action in _positional(command):
            if action.choices:
                yield f"complete -c gzipknn {condition} -f -a {_quoted(' '.join(map(str, action.choices)))}"
        for action in command._actions:
            if action.option_strings:
                flags = [f"-l {one[2:]}" if one.startswith("--") else f"-s {one[1:]}" for one in action.option_strings]
                words = f" -x -a {_quoted(' '.join(map(str, action.choices)))}" if action.choices else ""
                takes = " -r" if action.nargs != 0 and not words else ""
                line = f"complete -c gzipknn {condition} {' '.join(flags)}{takes}{words}"
                yield f"{line} -d {_quoted(str(action.help or ''))}"


def _subcommands(parser: Parser) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Yield the name, the description and the parser of each subcommand."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            about = {choice.dest: choice.help or "" for choice in action._choices_actions}
            yield from ((name, about[name], command) for name, command in action.choices.items())


def _positional(command: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in command._actions if not action.option_strings]


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
