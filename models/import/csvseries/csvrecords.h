// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/linereader.h"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import {

/// One record of a delimited file; views are valid until the next call.
struct CsvRecord
{
    enum class Problem { None, TooLong, UnclosedQuote };
    Problem problem = Problem::None;
    std::vector<std::string_view> fields;
    std::string_view raw; ///< the line or lines it was read from (the first 1 KiB of one that is too long)
    std::uint64_t offset = 0, length = 0;
    bool blank = false; ///< nothing but blanks, or a '#' comment
};

/// Records by RFC 4180: fields in quotes may hold delimiters, doubled quotes and line ends; a quote inside an
/// unquoted field is itself. A quote that is not closed within kMaxJoined bytes spoils its line only; after
/// kMaxFailures of them line ends always end a record, so that hostile files cost linear time.
class CsvRecords
{
public:
    static constexpr std::size_t kMaxLine = 1024 * 1024;
    static constexpr std::size_t kMaxJoined = 64 * 1024;
    static constexpr int kMaxFailures = 16;

    CsvRecords(LineReader &lines, char delimiter);
    bool next(CsvRecord &record);

private:
    struct Stored
    {
        std::string text;
        Line line;
    };
    bool nextLine(Line &line);
    bool endsInside(std::string_view text, bool inside) const;
    bool join(CsvRecord &record, const Line &first);
    void splitPlain(CsvRecord &record) const;
    void splitQuoted(CsvRecord &record);

    LineReader &m_lines;
    char m_delimiter;
    std::deque<Stored> m_replay; ///< lines read in vain for an unclosed quote
    Stored m_current; ///< the replayed line in use
    std::string m_joined, m_unquoted;
    int m_failures = 0;
};

} // namespace tailscope::import
