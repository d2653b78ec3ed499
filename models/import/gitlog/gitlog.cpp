// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/gitlog/gitlog.h"

#include "base/text.h"
#include "import/common/consoletime.h"
#include "import/common/linereader.h"
#include "import/common/timetext.h"

#include <algorithm>
#include <string>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "git-log",
    "git log",
    "*.log *.txt",
    SourceKind::Metrics,
    "Printed by git log (medium, full, fuller), or by git log --pretty='%H|%cI|%s': commits as deploy "
    "markers.",
};

constexpr std::size_t kMaxLine = 64 * 1024;
constexpr int kSniffLines = 20;

bool isHash(std::string_view word)
{
    return word.size() >= 7 && word.size() <= 64 && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

struct Commit
{
    std::string hash, time, author, subject, refs;
    std::uint64_t offset = 0, length = 0;
    bool committed = false; ///< the time is that of the commit, not of its author
};

/// "hash|time|subject", also with a tab, a ';' or a blank between; nullopt for other lines.
std::optional<Commit> parseLine(std::string_view line)
{
    const std::size_t end = line.find_first_of("|\t; ,");
    if (end == std::string_view::npos || !isHash(line.substr(0, end)))
        return std::nullopt;
    const char separator = line[end];
    std::string_view rest = line.substr(end + 1);
    Commit commit;
    commit.hash = line.substr(0, end);
    // %cI has no blank; %ci has two: "2026-03-02 10:00:00 +0100".
    std::size_t stop = rest.find(separator);
    std::string_view time = rest.substr(0, stop);
    if (separator == ' ' && !parseTimestamp(time) && rest.size() >= 25
        && parseTimestamp(rest.substr(0, 25))) {
        stop = 25;
        time = rest.substr(0, stop);
    }
    const std::optional<std::string> text = consoleTime(time);
    const std::optional<std::int64_t> seconds = parseInt64(time); // %ct
    if (!text && !(seconds && time.size() >= 9 && time.size() <= 11))
        return std::nullopt;
    commit.time = text ? *text : std::string(time);
    commit.committed = true;
    if (stop != std::string_view::npos && stop < rest.size())
        commit.subject = trimmed(rest.substr(stop + 1));
    return commit;
}

class GitLogReader final : public Reader
{
public:
    explicit GitLogReader(const ReadOptions &options)
        : m_time(options)
    {}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        TS_TRY(m_time.check(source.name()));
        setSource(sink, m_time.askedTimezone());
        LineReader lines(source, kMaxLine);
        Line line;
        while (lines.next(line))
            takeLine(line, sink, report);
        flush(sink, report);
        setSource(sink, m_time.timezone());
        TS_TRY(lines.result());
        if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
            return fail(ErrorCode::BadInput, source.name(), "no commit has a time",
                "git log --oneline prints none; use: git log --pretty='%H|%cI|%s'");
        return {};
    }

private:
    void setSource(RowSink &sink, const std::string &timezone) const
    {
        SourceInfo info;
        info.kind = SourceKind::Metrics;
        info.clock = ClockKind::Utc;
        info.timezone = timezone;
        sink.setSource(info);
    }

    void takeLine(const Line &line, RowSink &sink, ImportReport &report)
    {
        if (line.tooLong)
            return report.skip("line-too-long", line.offset, line.length, "the line is longer than 64 KiB",
                line.text);
        const std::string_view text = line.text;
        if (text.starts_with("commit ")) {
            const std::string_view rest = text.substr(7);
            const std::string_view hash = rest.substr(0, rest.find(' '));
            if (isHash(hash)) {
                flush(sink, report);
                m_commit.hash = hash;
                m_commit.offset = line.offset;
                m_commit.length = line.length;
                const std::size_t open = rest.find('(');
                if (open != std::string_view::npos && rest.ends_with(')'))
                    m_commit.refs = sanitizedUtf8(utf8Prefix(rest.substr(open), 300));
                return;
            }
        }
        if (!m_commit.hash.empty()) {
            takeHead(text);
            return;
        }
        if (trimmed(text).empty())
            return;
        if (std::optional<Commit> commit = parseLine(trimmed(text))) {
            m_commit = std::move(*commit);
            m_commit.offset = line.offset;
            m_commit.length = line.length;
            return flush(sink, report);
        }
        report.skip("no-time", line.offset, line.length, "the line has no commit with a time", text);
    }

    void takeHead(std::string_view text)
    {
        const auto value = [&](std::string_view name) {
            return text.starts_with(name) ? std::optional(trimmed(text.substr(name.size()))) : std::nullopt;
        };
        if (const auto date = value("CommitDate:")) {
            m_commit.time = consoleTime(*date).value_or(std::string(*date));
            m_commit.committed = true;
        } else if (const auto authored = value("AuthorDate:"), plain = value("Date:"); authored || plain) {
            if (!m_commit.committed) {
                const std::string_view when = authored ? *authored : *plain;
                m_commit.time = consoleTime(when).value_or(std::string(when));
            }
        } else if (const auto author = value("Author:")) {
            m_commit.author = sanitizedUtf8(utf8Prefix(author->substr(0, author->find(" <")), 200));
        } else if (text.starts_with("    ") && m_commit.subject.empty()) {
            m_commit.subject = trimmed(text);
        }
    }

    void flush(RowSink &sink, ImportReport &report)
    {
        if (m_commit.hash.empty())
            return;
        const Commit commit = std::move(m_commit);
        m_commit = {};
        const std::optional<TimeText::Time> time
            = commit.time.empty() ? std::nullopt : m_time.parse(commit.time, commit.offset, report);
        if (!time)
            return report.skip("no-time", commit.offset, commit.length, "the commit has no date that is read",
                commit.hash);
        const std::string hash = commit.hash.substr(0, 12);
        const std::string title
            = sanitizedUtf8(utf8Prefix(commit.subject.empty() ? hash : commit.subject, 500));
        const std::string detail = "commit " + hash + (commit.author.empty() ? "" : " by " + commit.author)
            + (commit.refs.empty() ? "" : ' ' + commit.refs);
        EventRow row;
        row.tsNs = time->ns;
        row.offsetSeconds = time->offsetSeconds;
        row.kind = "deploy";
        row.title = title;
        row.detail = detail;
        sink.event(row);
        report.rowRead();
        report.note(IssueSeverity::Info, "commit-time", commit.offset,
            "a marker stands at the time of its commit: the deploy came later");
    }

    TimeText m_time;
    Commit m_commit; ///< the one whose lines are read; empty hash = none
};

class GitLogImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        bool commit = false, letters = false;
        int lines = 0, others = 0;
        for (int i = 0; i < kSniffLines && !prefix.empty(); ++i) {
            const std::size_t end = prefix.find('\n');
            const std::string_view line = prefix.substr(0, end);
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (line.starts_with("commit ") && isHash(line.substr(7, line.find(' ', 7) - 7)))
                commit = true;
            else if (commit && (line.starts_with("Author: ") || line.starts_with("Author:  ")))
                return Confidence::Strong;
            else if (!commit && !trimmed(line).empty()) {
                if (const auto found = parseLine(trimmed(line))) {
                    ++lines;
                    letters = letters || found->hash.find_first_of("abcdef") != std::string::npos;
                } else if (++others > lines)
                    return Confidence::No;
            }
        }
        return lines == 0 ? Confidence::No : letters ? Confidence::Strong : Confidence::Weak;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<GitLogReader>(options);
    }
};

} // namespace

const Importer &gitLogImporter()
{
    static const GitLogImporter importer;
    return importer;
}

} // namespace tailscope::import
