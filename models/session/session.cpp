// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/session.h"

#include "base/log.h"
#include "session/aligncommand.h"
#include "session/ingest.h"
#include "session/livesession.h"
#include "session/notecommand.h"
#include "session/playback.h"
#include "session/samplecommand.h"
#include "session/sessiontables.h"
#include "store/sampling.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMutex>
#include <QMutexLocker>
#include <QTimer>

#include <algorithm>

namespace tailscope::session {

/// The aggregate of the running import, copied by the import's thread and read by the GUI thread.
struct StreamingState
{
    QMutex mutex;
    store::StreamingAggregate aggregate;
    bool changed = false;
};

namespace {

/// Remarks of the user get ids far above those that imports hand out, so that undo can restore the same id.
constexpr qint64 kFirstNoteId = qint64(1) << 40;

struct Loaded
{
    std::shared_ptr<const analysis::SpanColumns> columns;
    std::shared_ptr<const analysis::LanePyramid> pyramid;
};

/// Progress that also samples the writer's aggregate for the first picture.
Progress watching(const Progress &progress, const std::shared_ptr<StreamingState> &state,
    const std::shared_ptr<const store::BulkWriter *> &writer)
{
    Progress watched = progress;
    auto last = std::make_shared<QElapsedTimer>();
    last->start();
    watched.report = [progress, state, writer, last](const ProgressUpdate &update) {
        progress.update(update);
        if (!*writer || last->elapsed() < 250)
            return;
        last->restart();
        store::StreamingAggregate aggregate = (*writer)->aggregate();
        QMutexLocker lock(&state->mutex);
        state->aggregate = std::move(aggregate);
        state->changed = true;
    };
    return watched;
}

} // namespace

Session::Session(std::shared_ptr<store::Workspace> workspace, QObject *parent)
    : QObject(parent)
    , m_workspace(std::move(workspace))
    , m_jobs(new JobQueue(this))
    , m_context(new SessionContext(m_jobs, this))
    , m_undo(new QUndoStack(this))
    , m_playback(new Playback(this))
    , m_columnsJob(m_jobs)
    , m_tablesJob(m_jobs)
    , m_overviewJob(m_jobs)
    , m_streaming(std::make_shared<StreamingState>())
    , m_nextNoteId(kFirstNoteId)
{
    auto *timer = new QTimer(this);
    timer->setInterval(250);
    connect(timer, &QTimer::timeout, this, [this] {
        QMutexLocker lock(&m_streaming->mutex);
        const bool changed = std::exchange(m_streaming->changed, false);
        lock.unlock();
        if (changed)
            Q_EMIT streamingChanged();
    });
    timer->start();
    m_live = new LiveSession(this);
}

Session::~Session()
{
    // Jobs hold the workspace: they must end before it closes. A recording is ended first: it starts some.
    delete m_live;
    delete m_context;
    delete m_jobs;
}

void Session::runImport(const QString &title,
    std::function<Result<std::vector<import::ImportOutcome>>(const Progress &)> work)
{
    using Outcomes = std::vector<import::ImportOutcome>;
    ++m_writing;
    m_jobs->start<Outcomes>(
        this, title, std::move(work),
        [this](Result<Outcomes> outcomes) {
            --m_writing;
            {
                QMutexLocker lock(&m_streaming->mutex);
                m_streaming->aggregate = {};
                m_streaming->changed = false;
            }
            if (!outcomes) {
                Q_EMIT failed(outcomes.error());
            } else {
                for (const import::ImportOutcome &outcome : *outcomes)
                    Q_EMIT importFinished(QString::fromStdString(outcome.path), outcome);
            }
            reload();
        },
        JobQueue::Lane::Write);
}

void Session::importFiles(const QStringList &paths, const import::ImportOptions &options)
{
    // One job a file: each has its own progress line and Cancel, and a bad one does not stop the next.
    for (const QString &path : paths) {
        const auto workspace = m_workspace;
        const auto streaming = m_streaming;
        const std::string file = path.toStdString();
        runImport(tr("Importing %1").arg(path.section(QLatin1Char('/'), -1)),
            [workspace, streaming, file, options](
                const Progress &progress) -> Result<std::vector<import::ImportOutcome>> {
                auto writer = std::make_shared<const store::BulkWriter *>(nullptr);
                IngestOptions ingestOptions;
                ingestOptions.import = options;
                ingestOptions.import.started = [writer](const store::BulkWriter &w) { *writer = &w; };
                ingestOptions.import.ended = [writer] { *writer = nullptr; };
                IngestResult result
                    = ingest(*workspace, {file}, ingestOptions, watching(progress, streaming, writer));
                if (!result.errors.empty())
                    return tl::unexpected(result.errors.front());
                return std::move(result.outcomes);
            });
    }
}

void Session::importText(const QString &name, const QByteArray &text, const import::ImportOptions &options)
{
    const auto workspace = m_workspace;
    const std::string title = name.toStdString();
    const std::string bytes = text.toStdString();
    runImport(tr("Reading %1").arg(name),
        [workspace, title, bytes, options](
            const Progress &progress) -> Result<std::vector<import::ImportOutcome>> {
            auto outcome = import::importText(*workspace, title, bytes, options, progress);
            if (!outcome)
                return tl::unexpected(outcome.error());
            if (!outcome->duplicateOf)
                TS_TRY(refresh(*workspace, {outcome->sourceId}, true, progress));
            return std::vector<import::ImportOutcome>{std::move(*outcome)};
        });
}

void Session::resumeSource(qint64 sourceId)
{
    for (const store::SourceRecord &source : std::as_const(m_sources)) {
        if (source.id != sourceId)
            continue;
        import::ImportOptions options; // format and time zone are those of the source
        options.resumeId = sourceId;
        importFiles({QString::fromStdString(source.path)}, options);
        return;
    }
}

void Session::keepPartial(qint64 sourceId)
{
    const auto workspace = m_workspace;
    runImport(tr("Keeping what was imported"),
        [workspace, sourceId](const Progress &progress) -> Result<std::vector<import::ImportOutcome>> {
            TS_TRY(workspace->keepPartial(sourceId));
            TS_TRY(refresh(*workspace, {sourceId}, true, progress));
            return std::vector<import::ImportOutcome>{};
        });
}

void Session::removeSource(qint64 sourceId)
{
    const auto workspace = m_workspace;
    runImport(tr("Removing a source"),
        [workspace, sourceId](const Progress &progress) -> Result<std::vector<import::ImportOutcome>> {
            TS_TRY(workspace->removeSource(sourceId, progress));
            TS_TRY(refresh(*workspace, {}, true, progress));
            return std::vector<import::ImportOutcome>{};
        });
}

void Session::saveRejects(qint64 sourceId, const QString &path)
{
    const auto workspace = m_workspace;
    const std::string file = path.toStdString();
    m_jobs->start<bool>(
        this, tr("Saving rejected rows"),
        [workspace, sourceId, file](const Progress &) -> Result<bool> {
            TS_TRY(import::exportRejects(*workspace, sourceId, file));
            return true;
        },
        [this](Result<bool> saved) {
            if (!saved)
                Q_EMIT failed(saved.error());
        });
}

void Session::importMended(qint64 sourceId, const QString &path)
{
    const auto workspace = m_workspace;
    const std::string file = path.toStdString();
    runImport(tr("Importing mended rows"),
        [workspace, sourceId, file](const Progress &progress) -> Result<std::vector<import::ImportOutcome>> {
            auto outcome = import::reimportRejects(*workspace, sourceId, file, progress);
            if (!outcome)
                return tl::unexpected(outcome.error());
            TS_TRY(refresh(*workspace, {outcome->sourceId}, true, progress));
            return std::vector<import::ImportOutcome>{std::move(*outcome)};
        });
}

void Session::reload()
{
    m_columnsLoading = m_tablesLoading = m_overviewLoading = true;
    loadSmallTables();
    const auto workspace = m_workspace;
    using Overview = std::shared_ptr<const analysis::OverviewPyramid>;
    m_overviewJob.start<Overview>(
        this, {}, [workspace](const Progress &) { return analysis::loadOverviewPyramid(*workspace); },
        [this](Result<Overview> overview) {
            m_overviewLoading = false;
            if (overview)
                m_context->setOverview(std::move(*overview));
            else
                Q_EMIT failed(overview.error());
            endLoading();
        });
    loadColumns();
}

void Session::loadColumns()
{
    const auto workspace = m_workspace;
    m_columnsJob.start<Loaded>(
        this, tr("Loading spans"),
        [workspace](const Progress &progress) -> Result<Loaded> {
            auto columns = analysis::SpanColumns::load(*workspace, progress);
            if (!columns)
                return tl::unexpected(columns.error());
            auto pyramid = analysis::LanePyramid::build(*columns, progress.cancel);
            return Loaded{*columns, pyramid};
        },
        [this](Result<Loaded> loadedData) {
            m_columnsLoading = false;
            if (!loadedData) {
                if (loadedData.error().code != ErrorCode::Cancelled)
                    Q_EMIT failed(loadedData.error());
                endLoading();
                return;
            }
            setFullRange(m_tablesRange, loadedData->columns.get());
            m_context->setColumns(loadedData->columns, loadedData->pyramid);
            endLoading();
        });
}

void Session::loadSmallTables()
{
    const auto workspace = m_workspace;
    m_tablesJob.start<SmallTables>(
        this, {}, [workspace](const Progress &) { return readSmallTables(*workspace); },
        [this](Result<SmallTables> tables) {
            m_tablesLoading = false;
            if (!tables) {
                Q_EMIT failed(tables.error());
                endLoading();
                return;
            }
            m_sources = std::move(tables->sources);
            m_markers = std::move(tables->markers);
            m_contents = std::move(tables->contents);
            m_notes = std::move(tables->notes);
            if (m_properties.isEmpty())
                m_properties = std::move(tables->properties);
            for (const Note &note : std::as_const(m_notes))
                m_nextNoteId = std::max(m_nextNoteId, note.id + 1);
            m_context->setAbsoluteTime(tables->absolute);
            m_tablesRange = tables->fullRange;
            setFullRange(m_tablesRange, m_context->columns().get());
            Q_EMIT sourcesChanged();
            Q_EMIT markersChanged();
            endLoading();
            finishSources(tables->unready);
        });
}

/// From both parts each time: what was removed or moved to another time must not stay in it.
void Session::setFullRange(TimeRange range, const analysis::SpanColumns *columns)
{
    if (columns && columns->size() > 0) {
        range = range.isEmpty()
            ? columns->range
            : TimeRange{std::min(range.begin, columns->range.begin), std::max(range.end, columns->range.end)};
    }
    m_context->setFullRange(range);
}

void Session::finishSources(const std::vector<std::int64_t> &unready)
{
    // A job under way may be about to do it, and loads again when it ends.
    if (m_writing > 0)
        return;
    bool isNew = false;
    for (const std::int64_t id : unready)
        isNew |= m_finishTried.insert(id).second;
    if (!isNew)
        return;
    const auto workspace = m_workspace;
    runImport(tr("Finishing an interrupted import"),
        [workspace, unready](const Progress &progress) -> Result<std::vector<import::ImportOutcome>> {
            TS_TRY(refresh(*workspace, unready, true, progress));
            return std::vector<import::ImportOutcome>{};
        });
}

void Session::alignSource(qint64 sourceId, Nanos offsetNs)
{
    for (const store::SourceRecord &source : std::as_const(m_sources)) {
        if (source.id != sourceId)
            continue;
        const Alignment before{sourceId, source.offsetNs, source.offsetMethod};
        const Alignment after{sourceId, offsetNs, "user"};
        if (before.offsetNs != after.offsetNs || before.method != after.method)
            m_undo->push(new AlignCommand(this, before, after));
        return;
    }
}

void Session::writeAlignment(const Alignment &alignment)
{
    // Known at once, so that a second step before the job ends begins from here.
    for (store::SourceRecord &source : m_sources) {
        if (source.id == alignment.sourceId) {
            source.offsetNs = alignment.offsetNs;
            source.offsetMethod = alignment.method;
        }
    }
    const auto workspace = m_workspace;
    runImport(tr("Aligning the clock of a source"),
        [workspace, alignment](const Progress &progress) -> Result<std::vector<import::ImportOutcome>> {
            TS_TRY(storeAlignment(*workspace, alignment));
            TS_TRY(refresh(*workspace, {}, true, progress));
            return std::vector<import::ImportOutcome>{};
        });
}

std::optional<double> Session::statedSampling(qint64 sourceId) const
{
    const auto value = m_workspace->property(store::samplingKey(sourceId));
    return value && *value ? store::parseSampling(**value) : std::nullopt;
}

void Session::sampleSource(qint64 sourceId, std::optional<double> probability)
{
    const std::optional<double> before = statedSampling(sourceId);
    if (before != probability)
        m_undo->push(new SampleCommand(this, sourceId, before, probability));
}

void Session::writeSampling(qint64 sourceId, std::optional<double> probability)
{
    const auto workspace = m_workspace;
    runImport(tr("Weighting the traces of a source"),
        [workspace, sourceId, probability](
            const Progress &progress) -> Result<std::vector<import::ImportOutcome>> {
            TS_TRY(store::stateSampling(*workspace, sourceId, probability));
            TS_TRY(refresh(*workspace, {}, true, progress));
            return std::vector<import::ImportOutcome>{};
        });
}

void Session::endLoading()
{
    if (!isLoading())
        Q_EMIT loaded();
}

void Session::addNote(Nanos tsNs, std::optional<Nanos> endNs, const QString &text)
{
    const Note note{m_nextNoteId++, tsNs, endNs, text};
    m_undo->push(new NoteCommand(this, NoteCommand::Action::Add, note, note));
}

void Session::editNote(qint64 id, const QString &text)
{
    for (const Note &note : std::as_const(m_notes)) {
        if (note.id != id || note.text == text)
            continue;
        Note changed = note;
        changed.text = text;
        m_undo->push(new NoteCommand(this, NoteCommand::Action::Edit, note, changed));
        return;
    }
}

void Session::removeNote(qint64 id)
{
    for (const Note &note : std::as_const(m_notes)) {
        if (note.id != id)
            continue;
        const Note copy = note;
        m_undo->push(new NoteCommand(this, NoteCommand::Action::Remove, copy, copy));
        return;
    }
}

void Session::writeNote(const Note &note)
{
    deleteNote(note.id);
    m_notes.append(note);
    m_markers.append({note.id, note.tsNs, note.endNs, QStringLiteral("note"), {}, note.text, {}});
    Q_EMIT markersChanged();
    const auto workspace = m_workspace;
    m_jobs->start<bool>(
        this, {},
        [workspace, note](const Progress &) -> Result<bool> {
            TS_TRY(storeNote(*workspace, note, false));
            return true;
        },
        [this](Result<bool> stored) {
            if (!stored)
                Q_EMIT failed(stored.error());
        },
        JobQueue::Lane::Write);
}

void Session::deleteNote(qint64 id)
{
    const auto hasId = [id](const auto &entry) { return entry.id == id; };
    if (m_notes.removeIf(hasId) == 0)
        return;
    m_markers.removeIf(hasId);
    Q_EMIT markersChanged();
    const auto workspace = m_workspace;
    Note note;
    note.id = id;
    m_jobs->start<bool>(
        this, {},
        [workspace, note](const Progress &) -> Result<bool> {
            TS_TRY(storeNote(*workspace, note, true));
            return true;
        },
        [this](Result<bool> stored) {
            if (!stored)
                Q_EMIT failed(stored.error());
        },
        JobQueue::Lane::Write);
}

store::StreamingAggregate Session::streamingAggregate() const
{
    QMutexLocker lock(&m_streaming->mutex);
    return m_streaming->aggregate;
}

QString Session::property(const QString &key) const { return m_properties.value(key); }

void Session::setProperty(const QString &key, const QString &value)
{
    if (m_properties.value(key) == value || m_workspace->isReadOnly())
        return;
    m_properties.insert(key, value);
    QJsonObject object;
    for (auto it = m_properties.cbegin(); it != m_properties.cend(); ++it)
        object.insert(it.key(), it.value());
    const std::string text = QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
    const auto workspace = m_workspace;
    m_jobs->start<bool>(
        this, {},
        [workspace, text](const Progress &) -> Result<bool> {
            TS_TRY(workspace->setProperty("session", text));
            return true;
        },
        [this](Result<bool> stored) {
            if (!stored)
                Q_EMIT failed(stored.error());
        },
        JobQueue::Lane::Write);
}

} // namespace tailscope::session
