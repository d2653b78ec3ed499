// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/pglog/lineprefix.h"
#include "import/pglog/recordwindow.h"
#include "import/pglog/textlines.h"

#include <deque>
#include <string>
#include <vector>

namespace tailscope::import::pglog {

/// Turns the lines of a log written as text into records: finds the prefix, groups the lines of a record by
/// process and order, follows a prefix that changes. One object a file.
class TextLog
{
public:
    static constexpr std::size_t kLookAhead = 1000; ///< lines the first prefix is found in
    static constexpr std::size_t kLookAheadBytes = 512 * 1024;
    static constexpr std::size_t kMaxPrefixes = 8;

    TextLog(TextLines &lines, LogClock &clock, RecordTaker &taker, ImportReport &report);

    /// Reads all lines.
    void run();

private:
    struct Stored
    {
        std::string text, host;
        TextLine line;
    };
    bool next(TextLine &line);
    bool wasCancelled() const;
    bool lookAhead(std::size_t lines);
    bool guess(const TextLine *line);
    void take(TextLine &line);
    void takeHead(const TextLine &line, const PrefixMatch &match);
    void takeOther(TextLine &line);
    bool goOn(const TextLine &line, bool newLine);
    bool matches(const TextLine &line, PrefixMatch &match);
    LogRecord *recordOf(const TextLine &line, const PrefixMatch &match);
    void setHead(LogRecord &record, const TextLine &line, const PrefixMatch &match);
    void append(LogRecord &record, Word word, std::string_view text, bool newLine, const TextLine &line);

    TextLines &m_lines;
    LogClock &m_clock;
    ImportReport &m_report;
    RecordWindow m_window;
    std::deque<Stored> m_ahead;
    Stored m_current; ///< the line that was taken from m_ahead
    std::vector<LinePrefix> m_prefixes;
    std::size_t m_prefix = 0; ///< the one that matched last
    int m_guesses = 0;
    bool m_tabs = false; ///< the server's continuation lines are as it writes them
    std::string m_clean;
    LogRecord *m_last = nullptr; ///< of the last line with a prefix
};

} // namespace tailscope::import::pglog
