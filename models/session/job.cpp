// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/job.h"

#include <QElapsedTimer>
#include <QFutureWatcher>
#include <QMutex>
#include <QMutexLocker>
#include <QTimer>
#include <QtConcurrent>

#include <algorithm>
#include <utility>

namespace tailscope::session {

struct JobQueue::State
{
    QString title;
    Lane lane = Lane::Read;
    CancelToken cancel;
    QElapsedTimer clock;
    QMutex mutex; // guards update: written by the job's thread, read by the GUI thread
    ProgressUpdate update;
};

qint64 JobInfo::remainingMs() const
{
    // Below two percent or half a second the rate says nothing yet.
    if (total == 0 || done == 0 || elapsedMs < 500 || done * 50 < total)
        return -1;
    return qint64(double(elapsedMs) * double(total - qMin(done, total)) / double(done));
}

JobQueue::JobQueue(QObject *parent)
    : QObject(parent)
{
    m_readers.setMaxThreadCount(2);
    m_writer.setMaxThreadCount(1);
    // Polled instead of queued per update: a job may report a thousand times a second.
    auto *timer = new QTimer(this);
    timer->setInterval(100);
    connect(timer, &QTimer::timeout, this, [this] {
        if (!running().isEmpty())
            Q_EMIT changed();
    });
    timer->start();
}

JobQueue::~JobQueue()
{
    cancelAll();
    m_readers.waitForDone();
    m_writer.waitForDone();
}

JobId JobQueue::startErased(QObject *context, const QString &title,
    std::function<void(const Progress &)> work, std::function<void()> done, Lane lane)
{
    const JobId id = registerJob(title, lane);
    const Progress progress = progressOf(id);
    auto *watcher = new QFutureWatcher<void>(this);
    QPointer<QObject> guard(context);
    connect(watcher, &QFutureWatcherBase::finished, this, [this, watcher, guard, done = std::move(done), id] {
        unregisterJob(id);
        if (guard)
            done();
        watcher->deleteLater();
    });
    watcher->setFuture(QtConcurrent::run(pool(lane), [work = std::move(work), progress] { work(progress); }));
    return id;
}

void JobQueue::cancel(JobId id)
{
    const auto job = m_jobs.find(id);
    if (job != m_jobs.end())
        job->second->cancel.cancel();
}

void JobQueue::cancelAll()
{
    for (const auto &[id, state] : m_jobs)
        state->cancel.cancel();
}

QList<JobInfo> JobQueue::running() const
{
    QList<JobInfo> list;
    for (const auto &[id, state] : m_jobs) {
        if (state->title.isEmpty())
            continue;
        QMutexLocker lock(&state->mutex);
        list.append({id, state->title, QString::fromStdString(state->update.phase), state->update.done,
            state->update.total, state->update.rows, state->clock.elapsed()});
    }
    return list;
}

bool JobQueue::isIdle() const { return m_jobs.empty(); }

// The jobs are counted, not the threads: a thread is still unwinding when its job is done for the window.
bool JobQueue::isWriting() const
{
    return std::any_of(m_jobs.begin(), m_jobs.end(),
        [](const auto &job) { return job.second->lane == Lane::Write; });
}

JobId JobQueue::registerJob(const QString &title, Lane lane)
{
    const JobId id = m_nextId++;
    auto state = std::make_shared<State>();
    state->title = title;
    state->lane = lane;
    state->clock.start();
    m_jobs.emplace(id, std::move(state));
    if (!title.isEmpty())
        Q_EMIT changed();
    return id;
}

void JobQueue::unregisterJob(JobId id)
{
    const bool listed = !m_jobs[id]->title.isEmpty();
    m_jobs.erase(id);
    if (listed)
        Q_EMIT changed();
    if (m_jobs.empty()) {
        // Queued: the job's own `done` runs after this and may start the next one.
        QMetaObject::invokeMethod(
            this,
            [this] {
                if (m_jobs.empty())
                    Q_EMIT becameIdle();
            },
            Qt::QueuedConnection);
    }
}

Progress JobQueue::progressOf(JobId id)
{
    std::shared_ptr<State> state = m_jobs[id];
    Progress progress;
    progress.cancel = state->cancel;
    progress.report = [state](const ProgressUpdate &update) {
        QMutexLocker lock(&state->mutex);
        state->update = update;
    };
    return progress;
}

QThreadPool *JobQueue::pool(Lane lane) { return lane == Lane::Write ? &m_writer : &m_readers; }

} // namespace tailscope::session
