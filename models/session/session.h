// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importjob.h"
#include "session/job.h"
#include "session/sessioncontext.h"
#include "store/bulkwriter.h"
#include "store/workspace.h"

#include <QHash>
#include <QObject>
#include <QStringList>
#include <QtGui/QUndoStack>

#include <memory>
#include <set>
#include <string>

namespace tailscope::session {

class LiveSession;
class Playback;

/// A remark on the time axis (an event row of kind note, without source).
struct Note
{
    qint64 id = 0;
    Nanos tsNs = 0;
    std::optional<Nanos> endNs;
    QString text;
};

/// A marker of any kind on the time axis.
struct Marker
{
    qint64 id = 0;
    Nanos tsNs = 0;
    std::optional<Nanos> endNs;
    QString kind, service, title, detail;
};

/// What the views add to the times of a source, and who said so (source.offset_method).
struct Alignment
{
    qint64 sourceId = 0;
    Nanos offsetNs = 0;
    std::string method = "none";
};

/// The open document: one workspace, its jobs, the shared context, notes and their undo stack.
/// Lives in the GUI thread; everything long runs as a job.
class Session : public QObject
{
    Q_OBJECT
public:
    explicit Session(std::shared_ptr<store::Workspace> workspace, QObject *parent = nullptr);
    ~Session() override;

    const store::Workspace &workspace() const { return *m_workspace; }
    /// Shared, for jobs that outlive a view.
    std::shared_ptr<const store::Workspace> workspacePtr() const { return m_workspace; }
    SessionContext *context() const { return m_context; }
    JobQueue *jobs() const { return m_jobs; }
    QUndoStack *undoStack() const { return m_undo; }
    /// Which moment of a recording the live views show.
    Playback *playback() const { return m_playback; }
    /// The attachment to servers that writes into this workspace, when there is one.
    LiveSession *live() const { return m_live; }

    /// Each file becomes a source; a bad one is reported and the next goes on. Then analyses, rules and
    /// reload.
    void importFiles(const QStringList &paths, const import::ImportOptions &options = {});
    void importText(const QString &name, const QByteArray &text, const import::ImportOptions &options = {});
    void resumeSource(qint64 sourceId);
    void keepPartial(qint64 sourceId);
    void removeSource(qint64 sourceId);
    /// Adds `offsetNs` to all times of a source, in place of what was added before, and marks it as aligned
    /// by the user; undoable. A job: statistics and rules follow, then everything is loaded again.
    void alignSource(qint64 sourceId, Nanos offsetNs);
    /// States that so much of the traces of a source was kept (0..1; nullopt = nobody knows): the weight of
    /// all traces that do not say it themselves. Undoable. A job, as alignSource().
    void sampleSource(qint64 sourceId, std::optional<double> probability);
    /// What was stated; a bounded read.
    std::optional<double> statedSampling(qint64 sourceId) const;
    void saveRejects(qint64 sourceId, const QString &path);
    void importMended(qint64 sourceId, const QString &path);
    /// Columns, overview, markers: after every change, by jobs. Sources that an earlier end of the program
    /// left without derived data are finished by a job first seen here, once a session.
    void reload();
    bool isLoading() const { return m_columnsLoading || m_tablesLoading || m_overviewLoading; }

    QList<store::SourceRecord> sources() const { return m_sources; }
    /// What the workspace has rows of ("span", "plan", "pool", ...: sessiontables.cpp), as of loaded().
    QStringList contents() const { return m_contents; }
    QList<Marker> markers() const { return m_markers; }
    QList<Note> notes() const { return m_notes; }
    void addNote(Nanos tsNs, std::optional<Nanos> endNs, const QString &text); ///< undoable
    void editNote(qint64 id, const QString &text); ///< undoable
    void removeNote(qint64 id); ///< undoable

    /// First picture while rows still stream in; empty between imports.
    store::StreamingAggregate streamingAggregate() const;
    /// State of views and docks, kept in the workspace.
    QString property(const QString &key) const;
    void setProperty(const QString &key, const QString &value);

Q_SIGNALS:
    void sourcesChanged();
    void markersChanged();
    void streamingChanged(); ///< streamingAggregate() is new; at most 4 times a second
    void importFinished(const QString &path, const import::ImportOutcome &outcome);
    void failed(const Error &error);
    void loaded(); ///< reload() ended
    void liveAppended(); ///< a recording has new committed rows; at most 4 times a second

private:
    friend class NoteCommand;
    friend class AlignCommand;
    friend class SampleCommand;
    friend class LiveSession;
    void runImport(const QString &title,
        std::function<Result<std::vector<import::ImportOutcome>>(const Progress &)> work);
    void writeNote(const Note &note);
    void deleteNote(qint64 id);
    void writeAlignment(const Alignment &alignment);
    void writeSampling(qint64 sourceId, std::optional<double> probability);
    void finishSources(const std::vector<std::int64_t> &unready);
    void loadColumns();
    void loadSmallTables();
    void endLoading();
    void setFullRange(TimeRange range, const analysis::SpanColumns *columns);

    std::shared_ptr<store::Workspace> m_workspace;
    JobQueue *m_jobs;
    SessionContext *m_context;
    QUndoStack *m_undo;
    Playback *m_playback;
    LiveSession *m_live = nullptr;
    LatestJob m_columnsJob, m_tablesJob, m_overviewJob;
    QList<store::SourceRecord> m_sources;
    QStringList m_contents;
    QList<Marker> m_markers;
    QList<Note> m_notes;
    std::shared_ptr<struct StreamingState> m_streaming;
    QHash<QString, QString> m_properties;
    qint64 m_nextNoteId = 1;
    TimeRange m_tablesRange; ///< of series, events and samples
    int m_writing = 0; ///< jobs that change sources and have not ended
    std::set<std::int64_t> m_finishTried; ///< one try each: a cancelled one must not begin again at once
    bool m_columnsLoading = false, m_tablesLoading = false, m_overviewLoading = false;
};

} // namespace tailscope::session

Q_DECLARE_METATYPE(tailscope::Error)
Q_DECLARE_METATYPE(tailscope::import::ImportOutcome)
