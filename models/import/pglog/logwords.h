// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tailscope::import::pglog {

/// What stands between the prefix of a line and its text: the level of a record, or the name of one of its
/// fields.
enum class Word : std::uint8_t {
    None,
    Debug,
    Info,
    Notice,
    Warning,
    Error,
    Log,
    Fatal,
    Panic,
    Detail,
    Hint,
    Query,
    Context,
    Statement,
    Location,
    Backtrace,
};

inline bool isLevel(Word word) { return word >= Word::Debug && word <= Word::Panic; }
/// "LOG", "ERROR": in English whatever the server's language; empty for fields.
std::string_view severityText(Word level);
/// A level as csvlog and jsonlog write it, in any language; None when it is none.
Word levelOf(std::string_view word);

/// A word found in a line.
struct WordPlace
{
    Word word = Word::None;
    std::size_t begin = 0; ///< of the word: the prefix ends here
    std::size_t text = 0; ///< of what it introduces
};
/// The word at `at`; Word::None when there is none. Languages: those PostgreSQL is translated to.
WordPlace wordAt(std::string_view line, std::size_t at);
/// The first level word anywhere in the line that two blanks follow, as the server writes it.
WordPlace findLevel(std::string_view line);

/// How the message begins that tells a time: "duration: ", "Dauer: ", "durée : ". Returns its length, or 0.
std::size_t durationWord(std::string_view message);

/// What a statement is doing when its time is logged.
enum class Phase : std::uint8_t { None, Statement, Parse, Bind, Execute };
/// The phase at the start of a text such as "statement: SELECT" or "execute s1: SELECT"; `length` is that of
/// the word. Execute is the only phase with a name that needs a translation to be recognised: what is neither
/// statement, parse nor bind is told by the caller.
Phase phaseAt(std::string_view text, std::size_t &length);

} // namespace tailscope::import::pglog
