// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/bulkwriter.h"

#include "store/bulkcommit.h"
#include "store/bulkinput.h"
#include "store/workspaceimpl.h"

#include <functional>

namespace tailscope::store {

namespace {

// Raised when interning or splitting changes: ordinals of an interrupted import then mean something else.
constexpr std::int64_t kWriterFormat = 1;

Result<void> inTransaction(Database &database, const std::function<Result<void>()> &work)
{
    TS_TRY(database.begin());
    Result<void> done = work();
    if (!done) {
        database.rollback();
        return done;
    }
    return database.commit();
}

struct Start
{
    std::int64_t id = 0;
    IdMaps maps;
    ReplayPoint replay;
};

Result<Start> newSource(Database &database, const NewSource &source)
{
    Start start;
    const Result<void> inserted = inTransaction(database, [&]() -> Result<void> {
        Result<Statement> insert = database.prepare("INSERT INTO source_raw (path, format, state, "
                                                    "writer_format, kind, clock) VALUES (?1, ?2, ?4, ?3, ?5, "
                                                    "?6)");
        if (!insert)
            return fail(insert.error());
        insert->bind(0, source.path);
        insert->bind(1, source.format);
        insert->bind(2, kWriterFormat);
        insert->bind(3,
            static_cast<std::int64_t>(source.isRecording ? SourceState::Recording : SourceState::Importing));
        if (source.isRecording) {
            insert->bind(4, static_cast<std::int64_t>(SourceKind::Recording));
            insert->bind(5, static_cast<std::int64_t>(ClockKind::Utc));
        }
        TS_TRY(insert->run());
        start.id = database.lastInsertId();
        return {};
    });
    if (!inserted)
        return fail(inserted.error());
    return start;
}

Result<void> checkResumable(const Statement &row, const NewSource &source, const std::string &subject)
{
    const std::string name = "source " + std::to_string(*source.resumeId);
    const std::int64_t state = row.integer(0);
    if (state == static_cast<int>(SourceState::Complete) || state == static_cast<int>(SourceState::Recording))
        return fail(ErrorCode::Usage, subject, name + " is complete: there is nothing to resume");
    if (row.text(1) != source.format)
        return fail(ErrorCode::Usage, subject,
            name + " was read as " + std::string(row.text(1)) + ", not as " + source.format,
            "Resume with the same format");
    if (row.integer(4) != kWriterFormat)
        return fail(ErrorCode::Usage, subject, name + " was begun by another version of Tailscope",
            "Remove it and import the file again");
    return {};
}

Result<Start> resumedSource(Database &database, const NewSource &source)
{
    const std::string subject = database.path().string();
    Result<Statement> query
        = database.prepare("SELECT state, format, rows_committed, rows_hash, writer_format"
                           " FROM source_raw WHERE id = ?1");
    if (!query)
        return fail(query.error());
    query->bind(0, *source.resumeId);
    const Result<bool> row = query->step();
    if (!row)
        return fail(row.error());
    if (!*row)
        return fail(ErrorCode::NotFound, subject, "there is no source " + std::to_string(*source.resumeId));
    TS_TRY(checkResumable(*query, source, subject));
    Result<IdMaps> maps = readIdMaps(database, *source.resumeId);
    if (!maps)
        return fail(maps.error());
    Start start;
    start.id = *source.resumeId;
    start.replay.dataRows = query->integer(2);
    start.replay.rowsHash = query->integer(3);
    for (int family = 0; family < kFamilies; ++family)
        start.replay.committed[static_cast<std::size_t>(family)]
            = (*maps)[static_cast<std::size_t>(family)].count();
    start.maps = std::move(*maps);
    query->reset();
    TS_TRY(database.execute("UPDATE source_raw SET state = 0 WHERE id = " + std::to_string(start.id)));
    return start;
}

} // namespace

struct BulkWriter::Impl
{
    Impl(Database database, Start start, bool isRecorded)
        : sourceId(start.id)
        , isRecording(isRecorded)
        , input(queue, start.replay)
        , committer(std::move(database), queue, start.id, std::move(start.maps), start.replay.dataRows,
              isRecorded)
    {}

    Result<void> finish(const Ending &ending);
    Result<void> writeEnding(const Ending &ending, bool isPartial = false);

    std::int64_t sourceId;
    const bool isRecording;
    std::filesystem::path path; ///< of the workspace
    BatchQueue queue;
    BulkInput input;
    BulkCommitter committer; // last: its thread ends before what it uses
    bool finished = false;
};

BulkWriter::BulkWriter(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

BulkWriter::~BulkWriter() = default;

Result<std::unique_ptr<BulkWriter>> BulkWriter::create(const Workspace &workspace, const NewSource &source,
    const Progress &progress)
{
    if (progress.isCancelled())
        return fail(ErrorCode::Cancelled, source.path, "cancelled");
    Result<Database> database = workspace.connectWriter();
    if (!database)
        return fail(database.error());
    Result<Start> start = source.resumeId ? resumedSource(*database, source) : newSource(*database, source);
    if (!start)
        return fail(start.error());
    auto impl = std::make_unique<Impl>(std::move(*database), std::move(*start), source.isRecording);
    impl->path = workspace.path();
    TS_TRY(impl->committer.prepare());
    impl->committer.start();
    return std::unique_ptr<BulkWriter>(new BulkWriter(std::move(impl)));
}

std::int64_t BulkWriter::sourceId() const { return m_impl->sourceId; }

std::int64_t BulkWriter::rowsTaken() const { return m_impl->input.rowsTaken(); }

std::int64_t BulkWriter::rowsCommitted() const { return m_impl->committer.rowsCommitted(); }

bool BulkWriter::hasFailed() const { return m_impl->committer.hasFailed() || m_impl->input.hasFailed(); }

StreamingAggregate BulkWriter::aggregate() const { return m_impl->input.aggregate(); }

void BulkWriter::flush() { m_impl->input.flush(); }

std::optional<Error> BulkWriter::trouble() const { return m_impl->committer.trouble(); }

void BulkWriter::giveUp() { m_impl->committer.giveUp(); }

Result<void> BulkWriter::bumpGenerations()
{
    Result<Database> database = Database::open(m_impl->path, Database::Mode::ReadWrite);
    if (!database)
        return fail(database.error());
    return inTransaction(*database, [&] { return bumpGenerationsOf(*database, m_impl->sourceId); });
}

Result<void> BulkWriter::finish(const Ending &ending)
{
    if (m_impl->finished)
        return fail(ErrorCode::Internal, "import", "finish() was called twice");
    m_impl->finished = true;
    return m_impl->finish(ending);
}

Result<void> BulkWriter::Impl::finish(const Ending &ending)
{
    input.flush();
    queue.close();
    committer.join();
    std::optional<Error> error = committer.error();
    if (!error)
        error = input.error();
    Database &database = committer.database();
    if (!error && ending.state == SourceState::Complete && !input.hasReplayed())
        error
            = Error{ErrorCode::BadInput, "resume", "the file ends before the rows that are in the workspace",
                std::nullopt, "Remove the interrupted source and import the file again"};
    // A failed import keeps what was committed, hidden, with what is known of it; that may fail too (disk
    // full).
    Ending actual = ending;
    // A recording was visible all along and stays so, as one whose program died.
    if (error && ending.state == SourceState::Complete && !isRecording)
        actual.state = SourceState::Broken;
    if (error) {
        (void)inTransaction(database, [&] { return writeEnding(actual, isRecording); });
        return fail(std::move(*error));
    }
    TS_TRY(writeCallWeights(database, mapOf(committer.maps(), Family::CallNode), input.callWeights()));
    return inTransaction(database, [&]() -> Result<void> {
        TS_TRY(writeProfileTotals(database, mapOf(committer.maps(), Family::Profile), input.profileTotals()));
        return writeEnding(actual);
    });
}

Result<void> BulkWriter::Impl::writeEnding(const Ending &ending, bool isPartial)
{
    Database &database = committer.database();
    Result<Statement> update = database.prepare(
        "UPDATE source_raw SET state = ?2, sha256 = ifnull(?3, sha256), bytes = ?4, rows_read = ?5, "
        "rows_skipped = ?6,"
        " imported_at_ns = ?7, kind = ifnull(kind, 0), clock = ifnull(clock, 0), partial = max(partial, ?8)"
        " WHERE id = ?1");
    if (!update)
        return fail(update.error());
    update->bind(0, sourceId);
    update->bind(1, static_cast<std::int64_t>(ending.state));
    update->bindTextOrNull(2, ending.sha256);
    update->bind(3, ending.bytes);
    update->bind(4, ending.rowsRead);
    update->bind(5, ending.rowsSkipped);
    update->bindNanos(6, ending.importedAtNs);
    update->bind(7, std::int64_t(isPartial ? 1 : 0));
    TS_TRY(update->run());
    if (input.hasCutStacks()) {
        Result<Statement> remark = database.prepare("INSERT INTO import_issue_raw (source_id, severity, "
                                                    "kind, count, first_offset, example) VALUES (?1,"
                                                    " 'data_loss', 'stacks-cut', 1, NULL, 'The profile has "
                                                    "more than 2 million different call paths: the"
                                                    " rarest are counted with their callers.')");
        if (!remark)
            return fail(remark.error());
        remark->bind(0, sourceId);
        TS_TRY(remark->run());
    }
    return bumpGenerationsOf(database, sourceId);
}

void BulkWriter::setSource(const SourceInfo &info) { m_impl->input.setSource(info); }
TrackRef BulkWriter::track(const TrackRow &row) { return m_impl->input.track(row); }
void BulkWriter::updateTrack(TrackRef track, const TrackRow &row) { m_impl->input.updateTrack(track, row); }
TraceRef BulkWriter::trace(const unsigned char (&key)[16]) { return m_impl->input.trace(key); }
TraceRef BulkWriter::trace(std::string_view key) { return m_impl->input.trace(key); }
SetRef BulkWriter::attributeSet(AttributeList attributes) { return m_impl->input.attributeSet(attributes); }
SpanRef BulkWriter::span(const SpanRow &row) { return m_impl->input.span(row); }
void BulkWriter::spanEvent(const SpanEventRow &row) { m_impl->input.spanEvent(row); }
void BulkWriter::spanLink(const SpanLinkRow &row) { m_impl->input.spanLink(row); }
void BulkWriter::flow(const FlowRow &row) { m_impl->input.flow(row); }
ProfileRef BulkWriter::profile(const ProfileRow &row) { return m_impl->input.profile(row); }
FrameRef BulkWriter::frame(const FrameRow &row) { return m_impl->input.frame(row); }
CallNodeRef BulkWriter::callNode(ProfileRef profile, CallNodeRef parent, FrameRef frame)
{
    return m_impl->input.callNode(profile, parent, frame);
}
void BulkWriter::sample(const SampleRow &row) { m_impl->input.sample(row); }
SeriesRef BulkWriter::series(const SeriesRow &row) { return m_impl->input.series(row); }
void BulkWriter::point(SeriesRef series, Nanos tsNs, double value)
{
    m_impl->input.point(series, tsNs, value);
}
void BulkWriter::event(const EventRow &row) { m_impl->input.event(row); }
PlanRef BulkWriter::plan(const PlanRow &row) { return m_impl->input.plan(row); }
void BulkWriter::planNode(PlanRef plan, const PlanNodeRow &row) { m_impl->input.planNode(plan, row); }
void BulkWriter::planWorker(PlanRef plan, const PlanWorkerRow &row) { m_impl->input.planWorker(plan, row); }
void BulkWriter::planTrigger(PlanRef plan, const PlanTriggerRow &row)
{
    m_impl->input.planTrigger(plan, row);
}
LogRef BulkWriter::logEntry(const LogRow &row) { return m_impl->input.logEntry(row); }
RecordRef BulkWriter::record(const RecordRow &row) { return m_impl->input.record(row); }

} // namespace tailscope::store
