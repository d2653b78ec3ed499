// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/bulkinput.h"

#include "base/text.h"

#include <bit>

namespace tailscope::store {

namespace {

constexpr std::chrono::milliseconds kFlushAfter{250};
constexpr std::int64_t kClockEvery = 64; // rows between two looks at the clock
constexpr std::size_t kLongText = 256; // attribute values past it are not worth interning

std::uint64_t packed(std::int64_t high, std::int64_t low)
{
    return (static_cast<std::uint64_t>(high) << 32) | static_cast<std::uint32_t>(low);
}

/// Trace ids of 32 hex digits are kept as 16 bytes wherever they stand, so that links can be joined with
/// traces.
bool bytesOfHex(std::string_view text, unsigned char (&bytes)[16])
{
    if (text.size() != 32)
        return false;
    const auto high = parseHex64(text.substr(0, 16)), low = parseHex64(text.substr(16));
    if (!high || !low)
        return false;
    for (int i = 0; i < 8; ++i) {
        bytes[i] = static_cast<unsigned char>(*high >> (56 - 8 * i));
        bytes[i + 8] = static_cast<unsigned char>(*low >> (56 - 8 * i));
    }
    return true;
}

} // namespace

BulkInput::BulkInput(BatchQueue &queue, const ReplayPoint &replay)
    : m_queue(queue)
    , m_replay(replay)
    , m_batch(queue.emptyBatch())
    , m_lastFlush(std::chrono::steady_clock::now())
{}

Cell *BulkInput::addRow(Family family, std::int64_t ordinal)
{
    CellRows &rows = m_batch->rows[static_cast<std::size_t>(family)];
    if (rows.rows() == 0)
        m_batch->firstOrdinal[static_cast<std::size_t>(family)] = ordinal;
    rows.bare += rows.columns == 0 ? 1 : 0;
    rows.cells.resize(rows.cells.size() + rows.columns);
    m_entityRows += familyInfo(family).data ? 0 : 1;
    return rows.cells.data() + rows.cells.size() - rows.columns;
}

Cell BulkInput::interned(std::string_view text, std::uint32_t *ordinal)
{
    if (ordinal)
        *ordinal = 0;
    if (text.empty())
        return {};
    bool added = false;
    const std::uint32_t found = m_strings.intern(text, added);
    if (found == 0)
        return m_batch->text(text);
    if (added) {
        const std::int64_t number = next(Family::String);
        if (isKept(Family::String, number)) {
            const Cell cell = m_batch->text(text);
            *addRow(Family::String, number) = cell;
        }
    }
    if (ordinal)
        *ordinal = found;
    return Cell::reference(Family::String, found);
}

Cell BulkInput::keyCell(const SpanKey &key)
{
    switch (key.kind) {
    case SpanKey::Kind::Hex64:
        return Cell::integer(std::bit_cast<std::int64_t>(key.hex));
    case SpanKey::Kind::Text:
        return text(key.text);
    case SpanKey::Kind::None:
        break;
    }
    return {};
}

Cell BulkInput::traceKeyCell(std::string_view key)
{
    unsigned char bytes[16];
    return bytesOfHex(key, bytes)
        ? m_batch->text({reinterpret_cast<const char *>(bytes), 16}, Cell::Type::Blob)
        : text(key);
}

Cell BulkInput::jsonObject(AttributeList attributes)
{
    if (attributes.empty())
        return {};
    std::string &arena = m_batch->arena;
    const std::size_t begin = arena.size();
    appendJsonObject(arena, attributes);
    return {static_cast<std::int64_t>(begin), static_cast<std::uint32_t>(arena.size() - begin),
        Cell::Type::Text, Family::String};
}

/// A number for the content of a text column: its ordinal, or a hash where it was not interned.
std::uint64_t BulkInput::identity(const Cell &cell, std::string_view text) const
{
    return cell.type == Cell::Type::Reference ? static_cast<std::uint64_t>(cell.value)
                                              : contentHash(text) | (1ULL << 63);
}

void BulkInput::setSource(const SourceInfo &info)
{
    m_batch->info
        = Batch::Info{static_cast<int>(info.kind), static_cast<int>(info.clock), std::string(info.timezone)};
}

void BulkInput::trackCells(Cell *cells, const TrackRow &row)
{
    cells[0] = interned(row.process);
    cells[1] = interned(row.thread);
    cells[2] = interned(row.service);
    cells[3] = interned(row.instance);
    cells[4] = Cell::integer(row.processSort);
    cells[5] = Cell::integer(row.threadSort);
    cells[6] = Cell::integer(static_cast<std::int64_t>(row.shape));
}

TrackRef BulkInput::track(const TrackRow &row)
{
    std::array<Cell, 7> cells;
    trackCells(cells.data(), row);
    RefMap::Key key{combineHash(identity(cells[0], row.process), identity(cells[1], row.thread)),
        combineHash(identity(cells[2], row.service), identity(cells[3], row.instance))};
    key.b = combineHash(key.b, static_cast<std::uint64_t>(row.shape) + 1);
    if (const std::uint32_t known = m_tracks.find(key))
        return TrackRef(known);
    const std::int64_t ordinal = next(Family::Track);
    m_tracks.insert(key, static_cast<std::uint32_t>(ordinal));
    m_aggregator.setTrack(static_cast<std::uint32_t>(ordinal), row);
    if (isKept(Family::Track, ordinal))
        std::copy(cells.begin(), cells.end(), addRow(Family::Track, ordinal));
    flushIfDue();
    return TrackRef(ordinal);
}

void BulkInput::updateTrack(TrackRef track, const TrackRow &row)
{
    if (track == TrackRef::None)
        return;
    std::array<Cell, 7> cells;
    trackCells(cells.data(), row);
    m_aggregator.setTrack(static_cast<std::uint32_t>(track), row);
    std::vector<Cell> &updates = m_batch->trackUpdates.cells;
    updates.push_back(Cell::reference(Family::Track, static_cast<std::int64_t>(track)));
    updates.insert(updates.end(), cells.begin(), cells.begin() + 6);
    flushIfDue();
}

TraceRef BulkInput::trace(const unsigned char (&bytes)[16])
{
    RefMap::Key key;
    static_assert(sizeof key == 16);
    std::memcpy(&key, bytes, 16);
    if (const std::uint32_t known = m_traces.find(key))
        return TraceRef(known);
    const std::string_view view(reinterpret_cast<const char *>(bytes), 16);
    return TraceRef(newTrace(key, view, Cell::Type::Blob));
}

TraceRef BulkInput::trace(std::string_view text)
{
    unsigned char bytes[16];
    if (bytesOfHex(text, bytes))
        return trace(bytes);
    // Two hashes of secret seed: neither another text nor sixteen bytes of a file can be made to equal them.
    const RefMap::Key key{contentHash(text, kProcessSeed + 1), contentHash(text, ~kProcessSeed)};
    if (const std::uint32_t known = m_traces.find(key))
        return TraceRef(known);
    return TraceRef(newTrace(key, text, Cell::Type::Text));
}

std::uint32_t BulkInput::newTrace(RefMap::Key key, std::string_view bytes, Cell::Type type)
{
    const std::int64_t ordinal = next(Family::Trace);
    m_traces.insert(key, static_cast<std::uint32_t>(ordinal));
    if (isKept(Family::Trace, ordinal)) {
        const Cell cell = m_batch->text(bytes, type);
        *addRow(Family::Trace, ordinal) = cell;
    }
    flushIfDue();
    return static_cast<std::uint32_t>(ordinal);
}

void BulkInput::addSetItem(std::uint32_t set, std::int64_t position, std::uint32_t key,
    const Attribute &attribute)
{
    // Interning comes first in every case: ordinals must not depend on what is written.
    const bool isText = attribute.type == AttributeType::Text;
    Cell value;
    if (isText)
        value = attribute.text.size() > kLongText ? m_batch->text(attribute.text) : interned(attribute.text);
    if (!isKept(Family::AttributeSet, set))
        return;
    switch (attribute.type) {
    case AttributeType::Text:
        if (attribute.text.empty())
            value = m_batch->text({});
        break;
    case AttributeType::Null:
        break;
    case AttributeType::Integer:
    case AttributeType::Boolean:
        value = Cell::integer(attribute.integer);
        break;
    case AttributeType::Real:
        value = Cell::real(attribute.real);
        break;
    case AttributeType::Json:
        value = m_batch->text(attribute.text);
        break;
    }
    const Cell keyName = key != 0 ? Cell::reference(Family::String, key) : m_batch->text(attribute.key);
    std::vector<Cell> &items = m_batch->setItems.cells;
    items.insert(items.end(),
        {Cell::reference(Family::AttributeSet, set), Cell::integer(position), keyName,
            Cell::integer(static_cast<std::int64_t>(attribute.type)), value});
}

std::uint32_t BulkInput::setOf(AttributeList attributes, const std::uint32_t *keys,
    const std::uint64_t *hashes)
{
    RefMap::Key content{attributes.size(), 0x7f4a7c15ULL};
    for (std::size_t i = 0; i < attributes.size(); ++i) {
        const std::uint64_t key = keys[i] != 0 ? keys[i] : contentHash(attributes[i].key) | (1ULL << 63);
        content.a = combineHash(content.a + key, hashes[i]);
        content.b = combineHash(content.b ^ hashes[i], key + 0x9e3779b9ULL);
    }
    if (const std::uint32_t known = m_sets.find(content))
        return known;
    const std::int64_t set = next(Family::AttributeSet);
    m_sets.insert(content, static_cast<std::uint32_t>(set));
    if (isKept(Family::AttributeSet, set))
        addRow(Family::AttributeSet, set);
    for (std::size_t i = 0; i < attributes.size(); ++i)
        addSetItem(static_cast<std::uint32_t>(set), static_cast<std::int64_t>(i), keys[i], attributes[i]);
    return static_cast<std::uint32_t>(set);
}

SetRef BulkInput::attributeSet(AttributeList attributes)
{
    if (attributes.empty())
        return SetRef::None;
    m_keys.resize(attributes.size());
    m_hashes.resize(attributes.size());
    for (std::size_t i = 0; i < attributes.size(); ++i) {
        interned(attributes[i].key, &m_keys[i]);
        m_hashes[i] = attributeValueHash(attributes[i]);
    }
    const std::uint32_t set = setOf(attributes, m_keys.data(), m_hashes.data());
    flushIfDue();
    return SetRef(set);
}

std::uint32_t BulkInput::splitAttributes(AttributeList attributes)
{
    m_own.clear();
    if (attributes.empty())
        return 0;
    m_shared.clear();
    m_keys.clear();
    m_hashes.clear();
    for (const Attribute &attribute : attributes) {
        std::uint32_t key = 0;
        interned(attribute.key, &key);
        const std::uint64_t hash = attributeValueHash(attribute);
        if (!m_splitter.sharesValue(key, attribute, hash)) {
            m_own.push_back(attribute);
            continue;
        }
        m_shared.push_back(attribute);
        m_keys.push_back(key);
        m_hashes.push_back(hash);
    }
    if (m_shared.empty())
        return 0;
    const std::int64_t before = m_ordinals[static_cast<std::size_t>(Family::AttributeSet)];
    const std::uint32_t set = setOf(m_shared, m_keys.data(), m_hashes.data());
    m_splitter.setLookedUp(set > before);
    return set;
}

SpanRef BulkInput::span(const SpanRow &row)
{
    const std::int64_t ordinal = next(Family::Span);
    const bool kept = isKept(Family::Span, ordinal);
    std::uint32_t operation = 0;
    const Cell operationCell = interned(row.operation, &operation);
    const Cell category = interned(row.category);
    const std::uint32_t set = splitAttributes(row.attributes);
    if (kept) {
        if (m_batch->spans.empty())
            m_batch->firstOrdinal[static_cast<std::size_t>(Family::Span)] = ordinal;
        const Cell own = jsonObject(m_own);
        SpanPod &span = m_batch->spans.emplace_back();
        span.key = keyCell(row.key);
        span.parentKey = keyCell(row.parentKey);
        span.operation = operationCell;
        span.category = category;
        span.startNs = row.startNs;
        span.durationNs = row.durationNs;
        span.track = static_cast<std::uint32_t>(row.track);
        span.trace = static_cast<std::uint32_t>(row.trace);
        span.resource = static_cast<std::uint32_t>(row.resource);
        span.scope = static_cast<std::uint32_t>(row.scope);
        span.attributeSet = set;
        span.quality = row.quality;
        span.attributesOffset = static_cast<std::uint32_t>(own.value);
        span.attributesLength = own.length;
        span.httpStatus = row.httpStatus;
        span.kind = static_cast<std::uint8_t>(row.kind);
        span.status = static_cast<std::uint8_t>(row.status);
    }
    m_aggregator.add(static_cast<std::uint32_t>(row.track), operation, row);
    noteRow(Family::Span, kept, static_cast<std::uint64_t>(row.startNs) ^ row.key.hex,
        static_cast<std::uint64_t>(row.durationNs) + packed(operation, static_cast<std::int64_t>(row.track)));
    return SpanRef(ordinal);
}

void BulkInput::spanEvent(const SpanEventRow &row)
{
    const std::int64_t ordinal = next(Family::SpanEvent);
    const bool kept = isKept(Family::SpanEvent, ordinal);
    const Cell name = interned(row.name);
    if (kept) {
        const Cell attributes = jsonObject(row.attributes);
        Cell *cells = addRow(Family::SpanEvent, ordinal);
        cells[0] = Cell::reference(Family::Span, static_cast<std::int64_t>(row.span));
        // A row that names its span needs no track: the derive pass looks for spans only where there is one.
        if (row.span == SpanRef::None)
            cells[1] = Cell::reference(Family::Track, static_cast<std::int64_t>(row.track));
        cells[2] = Cell::nanos(row.tsNs);
        cells[3] = name;
        cells[4] = attributes;
    }
    noteRow(Family::SpanEvent, kept, static_cast<std::uint64_t>(row.tsNs),
        packed(static_cast<std::int64_t>(row.span), static_cast<std::int64_t>(row.track)));
}

void BulkInput::spanLink(const SpanLinkRow &row)
{
    const std::int64_t ordinal = next(Family::SpanLink);
    const bool kept = isKept(Family::SpanLink, ordinal);
    if (kept) {
        const Cell trace = traceKeyCell(row.linkedTraceKey);
        const Cell key = keyCell(row.linkedSpanKey), attributes = jsonObject(row.attributes);
        Cell *cells = addRow(Family::SpanLink, ordinal);
        cells[0] = Cell::reference(Family::Span, static_cast<std::int64_t>(row.span));
        cells[1] = trace;
        cells[2] = key;
        cells[3] = attributes;
    }
    noteRow(Family::SpanLink, kept, static_cast<std::uint64_t>(row.span), row.linkedSpanKey.hex);
}

void BulkInput::flow(const FlowRow &row)
{
    const std::int64_t ordinal = next(Family::Flow);
    const bool kept = isKept(Family::Flow, ordinal);
    if (kept) {
        const Cell key = text(row.flowKey);
        Cell *cells = addRow(Family::Flow, ordinal);
        cells[0] = Cell::integer(static_cast<std::int64_t>(row.phase));
        cells[1] = Cell::integer(row.bindEnclosing ? 1 : 0);
        cells[2] = Cell::reference(Family::Track, static_cast<std::int64_t>(row.track));
        cells[3] = Cell::nanos(row.tsNs);
        cells[4] = key;
        cells[5] = Cell::reference(Family::Span, static_cast<std::int64_t>(row.span));
    }
    noteRow(Family::Flow, kept, static_cast<std::uint64_t>(row.tsNs), static_cast<std::uint64_t>(row.phase));
}

void BulkInput::noteRow(Family family, bool kept, std::uint64_t a, std::uint64_t b)
{
    m_hash = combineHash(m_hash + static_cast<std::uint64_t>(family) + a, b);
    const std::int64_t taken = rowsTaken() + 1;
    m_taken.store(taken, std::memory_order_relaxed);
    if (taken <= m_replay.dataRows) [[unlikely]]
        checkReplay(taken, kept);
    if (!kept)
        return;
    ++m_batch->dataRows;
    flushIfDue();
}

void BulkInput::checkReplay(std::int64_t taken, bool kept)
{
    const bool sameHash = taken < m_replay.dataRows || static_cast<std::int64_t>(m_hash) == m_replay.rowsHash;
    if (!kept && sameHash)
        return;
    setError({ErrorCode::BadInput, "resume", "the file gives other rows than those that are in the workspace",
        std::nullopt, "Remove the interrupted source and import the file again"});
}

void BulkInput::setError(Error error)
{
    if (m_error)
        return;
    m_error = std::move(error);
    m_failed.store(true, std::memory_order_relaxed);
}

void BulkInput::flushIfDue()
{
    const bool full = m_batch->dataRows >= kRowsPerBatch || m_batch->arena.size() >= kArenaPerBatch
        || m_entityRows >= kEntitiesPerBatch || m_batch->setItems.cells.size() >= 65'536
        || m_batch->trackUpdates.cells.size() >= 65'536;
    if (full) {
        flush();
    } else if (m_batch->dataRows % kClockEvery == kClockEvery - 1
        && std::chrono::steady_clock::now() - m_lastFlush >= kFlushAfter) {
        // A slow source (a pipe) shall show its rows too.
        flush();
    }
}

void BulkInput::flush()
{
    m_aggregator.fold();
    m_lastFlush = std::chrono::steady_clock::now();
    if (m_traces.hasFailed())
        setError({ErrorCode::DiskFull, "temporary file", "the table of trace ids cannot be written",
            std::nullopt, "Free space in the temporary folder and resume the import"});
    if (m_error)
        m_batch->clear(); // what comes after an error is not written
    m_entityRows = 0;
    ++m_batchNumber;
    if (m_batch->isEmpty())
        return;
    m_batch->rowsHash = static_cast<std::int64_t>(m_hash);
    m_queue.push(std::move(m_batch));
    m_batch = m_queue.emptyBatch();
}

} // namespace tailscope::store
