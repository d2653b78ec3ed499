// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Servers with tables, indexes and what is sampled of them, as a recording has it.
#pragma once

#include "session/ingest.h"
#include "session/session.h"
#include "store/bulkwriter.h"

#include <QSignalSpy>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::tests {

inline constexpr Nanos kObjectsBegin = 1'772'452'800 * kNanosPerSecond; // 2026-03-02 12:00:00 UTC

/// Writes records of one source; fails the program when the store does.
class Recorded
{
public:
    using Fields = std::vector<RecordField>;

    explicit Recorded(store::Workspace &workspace, SourceKind kind = SourceKind::Recording)
    {
        auto writer = store::BulkWriter::create(workspace, {"recording", "test", {}}, {});
        if (!writer)
            qFatal("%s", writer.error().toText().c_str());
        m_writer = std::move(*writer);
        SourceInfo info;
        info.kind = kind;
        m_writer->setSource(info);
    }
    RecordRef server(std::string_view name, std::int64_t port, bool isStandby = false,
        std::int64_t version = 150018)
    {
        const RecordField fields[]{{"kind", std::string_view("postgresql")}, {"name", name},
            {"host", std::string_view("127.0.0.1")}, {"port", port}, {"dbname", std::string_view("shop")},
            {"system_identifier", std::string_view("7612")}, {"server_version_num", version},
            {"in_recovery", std::int64_t(isStandby)}};
        return m_writer->record({RecordTable::Server, {}, {}, {}, {}, fields});
    }
    void add(RecordTable table, RecordRef server, const Fields &fields)
    {
        m_writer->record({table, server, {}, {}, {}, fields});
    }
    store::BulkWriter &writer() { return *m_writer; }
    std::int64_t finish()
    {
        const auto finished = m_writer->finish({});
        if (!finished)
            qFatal("%s", finished.error().toText().c_str());
        return m_writer->sourceId();
    }

private:
    std::unique_ptr<store::BulkWriter> m_writer;
};

inline std::unique_ptr<store::Workspace> objectsWorkspace()
{
    auto workspace = store::Workspace::temporary();
    if (!workspace)
        qFatal("%s", workspace.error().toText().c_str());
    return std::move(*workspace);
}

inline std::unique_ptr<session::Session> loadedSession(std::unique_ptr<store::Workspace> workspace,
    const std::vector<std::int64_t> &sources = {})
{
    if (!sources.empty()) {
        if (auto ready = session::refresh(*workspace, sources, true, {}); !ready)
            qFatal("%s", ready.error().toText().c_str());
    }
    auto session
        = std::make_unique<session::Session>(std::shared_ptr<store::Workspace>(std::move(workspace)));
    QSignalSpy loaded(session.get(), &session::Session::loaded);
    session->reload();
    if (!loaded.wait(60'000))
        qFatal("the session did not load");
    return session;
}

/// A primary with two tables and a standby; four samples, ten seconds apart; an index that only the standby
/// reads, one that repeats another, a foreign key without one; a vacuum that runs; a forgotten transaction.
inline std::unique_ptr<session::Session> shopSession()
{
    auto workspace = objectsWorkspace();
    Recorded source(*workspace);
    const RecordRef primary = source.server("primary", 5432), standby = source.server("standby", 5433, true);
    using Fields = Recorded::Fields;
    const auto text = [](const char *value) { return std::string_view(value); };
    source.add(RecordTable::DbTable, primary,
        {{"oid", std::int64_t(100)}, {"schemaname", text("public")}, {"relname", text("orders")},
            {"relkind", text("r")}, {"reltuples", 100'000.0}, {"relpages", std::int64_t(3280)},
            {"reloptions", text("{autovacuum_vacuum_scale_factor=0.1}")},
            {"relfrozenxid_age", std::int64_t(250'000'000)}});
    source.add(RecordTable::DbTable, primary,
        {{"oid", std::int64_t(200)}, {"schemaname", text("public")}, {"relname", text("lines")},
            {"relkind", text("r")}, {"reltuples", -1.0}, {"relpages", std::int64_t(0)}});
    const int widths[]{4, 4, 4, 85};
    for (std::int64_t i = 0; i < 4; ++i)
        source.add(RecordTable::DbColumn, primary,
            {{"attrelid", std::int64_t(100)}, {"schemaname", text("public")}, {"relname", text("orders")},
                {"attnum", i + 1}, {"attname", text(i == 1 ? "customer_id" : "other")}, {"null_frac", 0.0},
                {"avg_width", std::int64_t(widths[i])}});
    const auto index
        = [&](const char *name, std::int64_t oid, const char *keys, const char *definition, bool isPrimary) {
              source.add(RecordTable::DbIndex, primary,
                  {{"indexrelid", oid}, {"schemaname", text("public")}, {"relname", text("orders")},
                      {"indexrelname", text(name)}, {"amname", text("btree")},
                      {"indisunique", std::int64_t(isPrimary)}, {"indisprimary", std::int64_t(isPrimary)},
                      {"indisvalid", std::int64_t(1)}, {"indkey", text(keys)}, {"indexdef", text(definition)},
                      {"index_bytes", std::int64_t(20 << 20)}});
          };
    index("orders_pkey", 101, "1", "CREATE UNIQUE INDEX orders_pkey ON public.orders USING btree (id)", true);
    index("orders_note", 102, "3", "CREATE INDEX orders_note ON public.orders USING btree (note)", false);
    index("orders_note2", 103, "3", "CREATE INDEX orders_note2 ON public.orders USING btree (note)", false);
    source.add(RecordTable::DbConstraint, primary,
        {{"schemaname", text("public")}, {"relname", text("orders")},
            {"conname", text("orders_customer_fkey")}, {"contype", text("f")}, {"conkey", text("2")},
            {"constraintdef", text("FOREIGN KEY (customer_id) REFERENCES customer(id)")}});
    for (const auto &[name, value, unit, boot] :
        std::vector<std::array<const char *, 4>>{{"shared_buffers", "16384", "8kB", "16384"},
            {"autovacuum_vacuum_threshold", "50", "", "50"}, {"checkpoint_timeout", "300", "s", "300"},
            {"some_other_thing", "on", "", "off"}})
        source.add(RecordTable::Setting, primary,
            {{"name", text(name)}, {"setting", text(value)}, {"unit", text(unit)}, {"boot_val", text(boot)},
                {"source", text("default")}, {"context", text("postmaster")}, {"ts_ns", kObjectsBegin}});
    source.add(RecordTable::Setting, primary,
        {{"name", text("work_mem")}, {"setting", text("4096")}, {"unit", text("kB")},
            {"ts_ns", kObjectsBegin}});
    source.add(RecordTable::Setting, primary,
        {{"name", text("work_mem")}, {"setting", text("65536")}, {"unit", text("kB")},
            {"pending_restart", std::int64_t(1)}, {"ts_ns", kObjectsBegin + 20 * kNanosPerSecond}});
    for (std::int64_t i = 0; i < 4; ++i) {
        const Nanos ts = kObjectsBegin + i * 10 * kNanosPerSecond;
        source.add(RecordTable::TableSample, primary,
            {{"ts_ns", ts}, {"relid", std::int64_t(100)}, {"schemaname", text("public")},
                {"relname", text("orders")}, {"seq_scan", 10 + i}, {"seq_tup_read", 1'000'000 + 100'000 * i},
                {"idx_scan", 1000 + 30 * i}, {"n_tup_upd", 500 + 20 * i}, {"n_tup_hot_upd", 400 + 15 * i},
                {"n_live_tup", std::int64_t(100'000)}, {"n_dead_tup", 5000 + 2000 * i},
                {"n_mod_since_analyze", 100 + i}, {"heap_blks_read", 100 + i},
                {"heap_blks_hit", 9900 + 9 * i}, {"table_bytes", 26'000'000 + 1'000'000 * i},
                {"last_autovacuum_ns", kObjectsBegin - 3600 * kNanosPerSecond}});
        if (i == 0) // never changes: stored once
            source.add(RecordTable::TableSample, primary,
                {{"ts_ns", ts}, {"relid", std::int64_t(200)}, {"schemaname", text("public")},
                    {"relname", text("lines")}, {"seq_scan", std::int64_t(0)},
                    {"n_live_tup", std::int64_t(0)}, {"n_dead_tup", std::int64_t(0)}});
        for (const char *name : {"orders_note", "orders_note2"})
            source.add(RecordTable::IndexSample, primary,
                {{"ts_ns", ts}, {"indexrelid", std::int64_t(name[11] == '2' ? 103 : 102)},
                    {"schemaname", text("public")}, {"relname", text("orders")}, {"indexrelname", text(name)},
                    {"idx_scan", std::int64_t(0)}});
        source.add(RecordTable::IndexSample, standby,
            {{"ts_ns", ts}, {"indexrelid", std::int64_t(102)}, {"schemaname", text("public")},
                {"relname", text("orders")}, {"indexrelname", text("orders_note")}, {"idx_scan", 3 + i}});
        source.add(RecordTable::ProgressSample, primary,
            {{"ts_ns", ts}, {"command", text("vacuum")}, {"pid", std::int64_t(77)},
                {"relname", text("orders")}, {"phase", text("scanning heap")}, {"done", 1000.0 * double(i)},
                {"total", 10'000.0}, {"extra", text("{\"index_vacuum_count\":2}")}});
        source.add(RecordTable::XminHolder, primary,
            {{"ts_ns", ts}, {"kind", text("session")}, {"name", text("billing")}, {"pid", std::int64_t(4711)},
                {"xmin_age", 2'000'000 + i}, {"since_ns", kObjectsBegin - 600 * kNanosPerSecond},
                {"detail", text("idle in transaction")}});
        source.add(RecordTable::XminHolder, primary,
            {{"ts_ns", ts}, {"kind", text("prepared")}, {"name", text("order's")},
                {"xmin_age", std::int64_t(12)}});
    }
    const std::int64_t id = source.finish();
    return loadedSession(std::move(workspace), {id});
}

} // namespace tailscope::tests
