// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"

#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace tailscope::session {

using JobId = quint64;

/// What the status bar shows of one running job.
struct JobInfo
{
    JobId id = 0;
    QString title;
    QString phase;
    quint64 done = 0, total = 0, rows = 0;
    qint64 elapsedMs = 0;
    /// Remaining milliseconds by the rate so far; -1 = unknown.
    qint64 remainingMs() const;
};

/// The one async idiom: work runs on a pool thread and hands a Result back to the GUI thread. Lane::Write
/// jobs run one after another (one writer); Lane::Read jobs run two at a time. Lives in the GUI thread.
class JobQueue : public QObject
{
    Q_OBJECT
public:
    enum class Lane { Read, Write };

    explicit JobQueue(QObject *parent = nullptr);
    ~JobQueue() override; ///< cancels everything and waits

    /// Starts `work`; `done` is called in the GUI thread unless `context` died. Empty title: not listed.
    template<typename T>
    JobId start(QObject *context, const QString &title, std::function<Result<T>(const Progress &)> work,
        std::function<void(Result<T>)> done, Lane lane = Lane::Read)
    {
        auto result = std::make_shared<std::optional<Result<T>>>();
        return startErased(
            context, title,
            [work = std::move(work), result](const Progress &progress) { result->emplace(work(progress)); },
            [done = std::move(done), result] {
                if (*result)
                    done(std::move(**result));
            },
            lane);
    }

    void cancel(JobId id);
    void cancelAll();
    QList<JobInfo> running() const; ///< listed jobs, oldest first
    bool isIdle() const; ///< no job at all, listed or not
    bool isWriting() const; ///< a job of Lane::Write runs or waits; false once its `done` is called

Q_SIGNALS:
    void changed(); ///< a listed job started, ended or moved; at most 10 times a second
    void becameIdle();

private:
    struct State;
    /// start() without its type, so that its users need not compile the machinery.
    JobId startErased(QObject *context, const QString &title, std::function<void(const Progress &)> work,
        std::function<void()> done, Lane lane);
    JobId registerJob(const QString &title, Lane lane);
    void unregisterJob(JobId id);
    Progress progressOf(JobId id);
    QThreadPool *pool(Lane lane);

    QThreadPool m_readers, m_writer;
    std::map<JobId, std::shared_ptr<State>> m_jobs;
    JobId m_nextId = 1;
};

/// Runs only the newest request: starting cancels the one before and drops its result (generation id).
class LatestJob
{
public:
    explicit LatestJob(JobQueue *queue)
        : m_queue(queue)
    {}
    template<typename T>
    void start(QObject *context, const QString &title, std::function<Result<T>(const Progress &)> work,
        std::function<void(Result<T>)> done)
    {
        cancel();
        const quint64 generation = ++*m_generation;
        std::shared_ptr<quint64> current = m_generation;
        m_running = true;
        m_job = m_queue->start<T>(context, title, std::move(work),
            [this, done, generation, current](Result<T> result) {
                if (*current != generation)
                    return;
                m_running = false;
                done(std::move(result));
            });
    }
    void cancel()
    {
        if (m_running && m_queue)
            m_queue->cancel(m_job);
        m_running = false;
        ++*m_generation;
    }
    bool isRunning() const { return m_running; }

private:
    QPointer<JobQueue> m_queue;
    JobId m_job = 0;
    bool m_running = false;
    std::shared_ptr<quint64> m_generation = std::make_shared<quint64>(0);
};

} // namespace tailscope::session
