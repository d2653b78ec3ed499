// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/bulkfeed.h"

#include <new>
#include <string>

#include <sqlite3.h>

namespace tailscope::store {

namespace {

constexpr int kColumns = 64;

struct Table
{
    sqlite3_vtab base;
    FeedSlot *slot;
};
struct Cursor
{
    sqlite3_vtab_cursor base;
    const Feed *feed;
    std::size_t row, rows;
};

int connect(sqlite3 *database, void *slot, int, const char *const *, sqlite3_vtab **out, char **)
{
    std::string sql = "CREATE TABLE feed (c0";
    for (int i = 1; i < kColumns; ++i)
        sql += ", c" + std::to_string(i);
    const int code = sqlite3_declare_vtab(database, (sql + ")").c_str());
    if (code != SQLITE_OK)
        return code;
    auto *table = new (std::nothrow) Table{};
    if (!table)
        return SQLITE_NOMEM;
    table->slot = static_cast<FeedSlot *>(slot);
    *out = &table->base;
    return SQLITE_OK;
}
int disconnect(sqlite3_vtab *table)
{
    delete reinterpret_cast<Table *>(table);
    return SQLITE_OK;
}
int bestIndex(sqlite3_vtab *, sqlite3_index_info *info)
{
    info->estimatedCost = 1;
    return SQLITE_OK;
}
int openCursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    auto *cursor = new (std::nothrow) Cursor{};
    if (!cursor)
        return SQLITE_NOMEM;
    cursor->feed = reinterpret_cast<Table *>(table)->slot->feed;
    *out = &cursor->base;
    return SQLITE_OK;
}
int closeCursor(sqlite3_vtab_cursor *cursor)
{
    delete reinterpret_cast<Cursor *>(cursor);
    return SQLITE_OK;
}
int filter(sqlite3_vtab_cursor *base, int, const char *, int, sqlite3_value **)
{
    auto *cursor = reinterpret_cast<Cursor *>(base);
    cursor->row = 0;
    cursor->rows = cursor->feed ? cursor->feed->rows() : 0;
    return SQLITE_OK;
}
int next(sqlite3_vtab_cursor *cursor)
{
    ++reinterpret_cast<Cursor *>(cursor)->row;
    return SQLITE_OK;
}
int atEnd(sqlite3_vtab_cursor *base)
{
    const auto *cursor = reinterpret_cast<const Cursor *>(base);
    return cursor->row >= cursor->rows ? 1 : 0;
}
int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int index)
{
    const auto *cursor = reinterpret_cast<const Cursor *>(base);
    cursor->feed->column(context, cursor->row, index);
    return SQLITE_OK;
}
int rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out)
{
    *out = static_cast<sqlite3_int64>(reinterpret_cast<Cursor *>(cursor)->row);
    return SQLITE_OK;
}

const sqlite3_module *feedModule()
{
    static const sqlite3_module module = [] {
        sqlite3_module m{};
        m.xConnect = connect;
        m.xBestIndex = bestIndex;
        m.xDisconnect = disconnect;
        m.xDestroy = disconnect;
        m.xOpen = openCursor;
        m.xClose = closeCursor;
        m.xFilter = filter;
        m.xNext = next;
        m.xEof = atEnd;
        m.xColumn = column;
        m.xRowid = rowid;
        return m;
    }();
    return &module;
}

void giveId(sqlite3_context *context, std::int64_t id)
{
    if (id != 0)
        sqlite3_result_int64(context, id);
}

void giveCell(sqlite3_context *context, const Cell &cell, const Batch &batch, const IdMaps &maps,
    const std::vector<std::int64_t> *statements)
{
    switch (cell.type) {
    case Cell::Type::Null:
        return;
    case Cell::Type::Integer:
        sqlite3_result_int64(context, cell.value);
        return;
    case Cell::Type::Real:
        sqlite3_result_double(context, std::bit_cast<double>(cell.value));
        return;
    case Cell::Type::Text:
        sqlite3_result_text(context, batch.arena.data() + cell.value, static_cast<int>(cell.length),
            SQLITE_STATIC);
        return;
    case Cell::Type::Blob:
        sqlite3_result_blob(context, batch.arena.data() + cell.value, static_cast<int>(cell.length),
            SQLITE_STATIC);
        return;
    case Cell::Type::Reference:
        giveId(context, mapOf(maps, cell.family).idOf(cell.value));
        return;
    case Cell::Type::Statement:
        if (statements && static_cast<std::size_t>(cell.value) < statements->size())
            giveId(context, (*statements)[static_cast<std::size_t>(cell.value)]);
        return;
    }
}

} // namespace

int registerFeed(sqlite3 *database, FeedSlot *slot)
{
    return sqlite3_create_module(database, "bulk_feed", feedModule(), slot);
}

void CellFeed::column(sqlite3_context *context, std::size_t row, int column) const
{
    if (withId && column-- == 0) {
        sqlite3_result_int64(context, firstId + static_cast<std::int64_t>(row));
        return;
    }
    if (withSource && column-- == 0) {
        sqlite3_result_int64(context, sourceId);
        return;
    }
    giveCell(context, cells->cells[row * cells->columns + static_cast<std::size_t>(column)], *batch, *maps,
        statements);
}

void SpanFeed::column(sqlite3_context *context, std::size_t row, int column) const
{
    const SpanPod &span = batch->spans[row];
    const auto give = [&](Family family, std::uint32_t ordinal) {
        if (ordinal != 0)
            giveId(context, mapOf(*maps, family).idOf(ordinal));
    };
    switch (column) {
    case 0:
        return sqlite3_result_int64(context, firstId + static_cast<std::int64_t>(row));
    case 1:
        return sqlite3_result_int64(context, sourceId);
    case 2:
        return give(Family::Track, span.track);
    case 3:
        return give(Family::Trace, span.trace);
    case 4:
        return giveCell(context, span.key, *batch, *maps, nullptr);
    case 5:
        return giveCell(context, span.parentKey, *batch, *maps, nullptr);
    case 6:
        return giveCell(context, span.operation, *batch, *maps, nullptr);
    case 7:
        return giveCell(context, span.category, *batch, *maps, nullptr);
    case 8:
        return sqlite3_result_int(context, span.kind);
    case 9:
        return sqlite3_result_int(context, span.status);
    case 10:
        return giveId(context, span.httpStatus);
    case 11:
        return sqlite3_result_int64(context, span.startNs);
    case 12:
        if (span.durationNs != kUnknownNanos)
            sqlite3_result_int64(context, span.durationNs);
        return;
    case 13:
        return give(Family::AttributeSet, span.resource);
    case 14:
        return give(Family::AttributeSet, span.scope);
    case 15:
        return give(Family::AttributeSet, span.attributeSet);
    case 16:
        if (span.attributesLength > 0)
            sqlite3_result_text(context, batch->arena.data() + span.attributesOffset,
                static_cast<int>(span.attributesLength), SQLITE_STATIC);
        return;
    case 17:
        return sqlite3_result_int64(context, span.quality);
    default:
        return;
    }
}

} // namespace tailscope::store
