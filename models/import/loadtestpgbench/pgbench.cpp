// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestpgbench/pgbench.h"

#include "base/text.h"
#include "import/loadtestpgbench/pgbenchlog.h"
#include "import/loadtestpgbench/pgbenchoutput.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kLog{
    "pgbench-log",
    "pgbench transactions",
    "pgbench_log.* *.log",
    SourceKind::LoadTest,
    "Written by pgbench -l, a file for each thread.",
};
constexpr FormatDescriptor kAggregate{
    "pgbench-aggregate",
    "pgbench intervals",
    "pgbench_log.* *.log",
    SourceKind::LoadTest,
    "Written by pgbench -l --aggregate-interval=SECONDS.",
};
constexpr FormatDescriptor kOutput{
    "pgbench",
    "pgbench output (progress, summary)",
    "*.txt *.log",
    SourceKind::LoadTest,
    "Printed by pgbench; with -P SECONDS also how it went on.",
    RecordJoin::Bytes,
};

/// Lines of the prefix that are the format's, and all of them.
struct Share
{
    std::size_t lines = 0, good = 0;
};

Share shareOf(std::string_view prefix, bool (*isGood)(std::string_view))
{
    if (prefix.size() >= kSniffBytes)
        prefix = prefix.substr(0, prefix.rfind('\n') + 1);
    Share share;
    for (std::string_view line : split(prefix, '\n')) {
        line = trimmed(line);
        if (line.empty())
            continue;
        ++share.lines;
        share.good += isGood(line) ? 1 : 0;
    }
    return share;
}

class LogImporter final : public Importer
{
public:
    using Make = std::unique_ptr<Reader> (*)();
    LogImporter(const FormatDescriptor &descriptor, bool (*isGood)(std::string_view), Make make)
        : m_descriptor(descriptor)
        , m_isGood(isGood)
        , m_make(make)
    {}
    const FormatDescriptor &descriptor() const override { return m_descriptor; }

    /// Numbers alone: shape, but a narrow one.
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (prefix.empty() || prefix.front() < '0' || prefix.front() > '9')
            return Confidence::No;
        const Share share = shareOf(prefix, m_isGood);
        return share.good > 0 && share.good * 10 >= share.lines * 9 ? Confidence::Likely : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override { return m_make(); }

private:
    const FormatDescriptor &m_descriptor;
    bool (*m_isGood)(std::string_view);
    Make m_make;
};

class OutputImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kOutput; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const auto begins = [prefix](std::string_view text) {
            const std::size_t at = prefix.find(text);
            return at != std::string_view::npos && (at == 0 || prefix[at - 1] == '\n');
        };
        const bool summary = begins("transaction type: ") && begins("number of clients: ");
        const std::size_t at = prefix.find("progress: ");
        const bool progress = begins("progress: ")
            && prefix.substr(at, prefix.find('\n', at) - at).find(" tps, lat ") != std::string_view::npos;
        return summary || progress ? Confidence::Strong : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<pgbench::OutputReader>();
    }
};

} // namespace

const Importer &pgbenchLogImporter()
{
    static const LogImporter importer(kLog, pgbench::isTransactionLine,
        []() -> std::unique_ptr<Reader> { return std::make_unique<pgbench::TransactionLogReader>(); });
    return importer;
}

const Importer &pgbenchAggregateImporter()
{
    static const LogImporter importer(kAggregate, pgbench::isAggregateLine,
        []() -> std::unique_ptr<Reader> { return std::make_unique<pgbench::AggregateLogReader>(); });
    return importer;
}

const Importer &pgbenchOutputImporter()
{
    static const OutputImporter importer;
    return importer;
}

} // namespace tailscope::import
