// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/analyses.h"
#include "analysis/analysisrun.h"
#include "analysis/operationtape.h"
#include "analysis/quantiles.h"
#include "analysis/statfigures.h"

namespace tailscope::analysis {

namespace {

constexpr std::string_view kKind = "operation_stat";
constexpr int kVersion = 1;

class OperationStatWriter
{
public:
    OperationStatWriter(store::Database &writer, std::int64_t runId)
        : m_writer(writer)
        , m_runId(runId)
    {}

    Result<void> prepare()
    {
        TS_TRY(m_writer.execute("DELETE FROM operation_stat"));
        Result<store::Statement> insert
            = m_writer.prepare("INSERT INTO operation_stat (run_id, service, operation, instance, n, "
                               "unknown, weight, errors, min_ns,"
                               " p50_ns, p90_ns, p95_ns, p99_ns, p999_ns, max_ns, mean_ns, total_ns, self_ns)"
                               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        if (!insert)
            return tl::unexpected(std::move(insert.error()));
        m_insert = std::move(*insert);
        return {};
    }

    Result<void> write(const OperationFigures &row)
    {
        m_insert.bind(0, m_runId);
        m_insert.bindTextOrNull(1, row.service);
        m_insert.bind(2, std::string_view(row.operation));
        if (row.instance)
            m_insert.bind(3, std::string_view(*row.instance));
        else
            m_insert.bindNull(3);
        m_insert.bind(4, row.n);
        m_insert.bind(5, row.unknown);
        m_insert.bind(6, row.weight);
        m_insert.bind(7, row.errors);
        m_insert.bindNanos(8, row.min);
        for (std::size_t i = 0; i < row.quantiles.size(); ++i)
            m_insert.bindNanos(int(9 + i), row.quantiles[i]);
        m_insert.bindNanos(14, row.max);
        m_insert.bind(15, row.mean); // NaN, and so NULL, without a known duration
        m_insert.bindNanos(16, row.total);
        m_insert.bindNanos(17, row.self);
        return m_insert.run();
    }

private:
    store::Database &m_writer;
    std::int64_t m_runId = 0;
    store::Statement m_insert;
};

Result<void> replaceRows(store::Database &writer, const AnalysisRun &run,
    const std::vector<OperationFigures> &rows)
{
    const Result<std::int64_t> id = recordRun(writer, run);
    if (!id)
        return tl::unexpected(id.error());
    OperationStatWriter out(writer, *id);
    TS_TRY(out.prepare());
    for (const OperationFigures &row : rows)
        TS_TRY(out.write(row));
    return {};
}

} // namespace

Result<void> refreshOperationStats(const store::Workspace &workspace, const Progress &progress)
{
    const Stopwatch watch;
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    const Result<std::int64_t> generation = workspace.generation("span");
    if (!generation)
        return tl::unexpected(generation.error());
    AnalysisRun run{kKind, kVersion, "{}", *generation, 0};
    const Result<std::optional<std::int64_t>> finished = finishedRun(*reader, run);
    if (!finished)
        return tl::unexpected(finished.error());
    if (*finished)
        return {};

    OperationTape tape(workspace);
    TS_TRY(tape.read(*reader, progress));
    const Result<std::vector<OperationFigures>> rows = tape.figures(progress);
    if (!rows)
        return tl::unexpected(rows.error());

    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return tl::unexpected(std::move(writer.error()));
    run.seconds = watch.seconds();
    TS_TRY(writer->begin());
    const Result<void> written = replaceRows(*writer, run, *rows);
    if (!written) {
        writer->rollback();
        return written;
    }
    return writer->commit();
}

} // namespace tailscope::analysis
