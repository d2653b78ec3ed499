// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/poolerconsole/poolerconsole.h"

#include "base/text.h"
#include "import/common/consoletables.h"
#include "import/common/timetext.h"
#include "import/poolerconsole/pgbouncerrows.h"
#include "import/poolerconsole/pgpoolrows.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "pooler-console",
    "Pooler consoles (PgBouncer, Odyssey, pgpool-II)",
    "*.txt *.csv *.log",
    SourceKind::Metrics,
    "Printed by psql: SHOW POOLS, STATS, DATABASES, LISTS, CONFIG of PgBouncer and Odyssey, SHOW POOL_NODES "
    "of "
    "pgpool-II.",
};

/// Lines that the sniffer looks at: SHOW CONFIG or CLIENTS may come first.
constexpr int kSniffLines = 60;

bool isKnown(std::span<const std::string> names)
{
    return PgbouncerRows::setOf(names) != PgbouncerRows::Set::None
        || PgpoolRows::setOf(names) != PgpoolRows::Set::None;
}

class PoolerConsoleReader final : public Reader
{
public:
    explicit PoolerConsoleReader(const ReadOptions &options)
        : m_time(options)
    {}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        TS_TRY(m_time.check(source.name()));
        setSource(sink, ClockKind::Utc, m_time.askedTimezone());
        ConsoleTables tables(source, report, isKnown);
        PgbouncerRows pgbouncer(sink, report);
        PgpoolRows pgpool(sink, report);
        ConsoleItem item;
        bool timed = false, tabled = false;
        while (tables.next(item)) {
            if (item.kind == ConsoleItem::Kind::Time) {
                const std::optional<TimeText::Time> time = m_time.parse(item.text, item.offset, report);
                timed = timed || time;
                pgbouncer.beginSnapshot(time ? time->ns : kUnknownNanos);
                pgpool.beginSnapshot(time ? time->ns : kUnknownNanos);
            } else if (item.kind == ConsoleItem::Kind::Text) {
                pgbouncer.takeText(item.text);
            } else {
                tabled = true;
                const PgbouncerRows::Set set = PgbouncerRows::setOf(item.names);
                if (set != PgbouncerRows::Set::None)
                    pgbouncer.take(set, item);
                else
                    pgpool.take(PgpoolRows::setOf(item.names), item);
            }
        }
        pgbouncer.finish();
        pgpool.finish();
        setSource(sink, timed ? m_time.clock() : ClockKind::None, timed ? m_time.timezone() : "");
        TS_TRY(tables.result());
        if (!tabled && report.rowsSkipped() == 0)
            return fail(ErrorCode::BadInput, source.name(), "it has no row of SHOW POOLS, STATS or DATABASES",
                "Print them with a header: psql -d pgbouncer -c 'SHOW POOLS'");
        return {};
    }

private:
    static void setSource(RowSink &sink, ClockKind clock, const std::string &timezone)
    {
        SourceInfo info;
        info.kind = SourceKind::Metrics;
        info.clock = clock;
        info.timezone = timezone;
        sink.setSource(info);
    }

    TimeText m_time;
};

class PoolerConsoleImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        return hasConsoleTable(prefix, kSniffLines, isKnown) ? Confidence::Strong : Confidence::No;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<PoolerConsoleReader>(options);
    }
};

} // namespace

const Importer &poolerConsoleImporter()
{
    static const PoolerConsoleImporter importer;
    return importer;
}

} // namespace tailscope::import
