// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobbar.h"

#include "base/text.h"
#include "session/job.h"
#include "widgets/base/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QToolButton>

namespace tailscope::app {

namespace {

QString describe(const session::JobInfo &job)
{
    QString text = job.title;
    if (!job.phase.isEmpty())
        text += QStringLiteral(" · ") + job.phase;
    if (job.total > 0)
        text += QStringLiteral(" · %1 %").arg(int(100 * qMin(job.done, job.total) / job.total));
    if (job.rows > 0 && job.elapsedMs > 300) {
        const qint64 perSecond = qint64(double(job.rows) * 1000.0 / double(job.elapsedMs));
        text += QStringLiteral(" · ")
            + JobBar::tr("%1 rows/s").arg(QString::fromStdString(groupedCount(perSecond)));
    }
    if (const qint64 left = job.remainingMs(); left >= 0)
        text += QStringLiteral(" · ")
            + JobBar::tr("%1 left").arg(QString::fromStdString(humanDuration(left * kNanosPerMilli)));
    return text;
}

} // namespace

JobBar::JobBar(QWidget *parent)
    : QWidget(parent)
    , m_text(new QLabel(this))
    , m_bar(new QProgressBar(this))
    , m_cancel(new QToolButton(this))
    , m_more(new QToolButton(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_text);
    layout->addWidget(m_bar);
    layout->addWidget(m_cancel);
    layout->addWidget(m_more);
    m_bar->setMaximumWidth(140);
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("Progress"));
    m_cancel->setIcon(widgets::themedIcon(QStringLiteral("cancel")));
    m_cancel->setText(tr("Cancel"));
    m_cancel->setToolTip(tr("Cancel this job; what was committed stays"));
    m_cancel->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_cancel->setAutoRaise(true);
    m_more->setAutoRaise(true);
    connect(m_cancel, &QToolButton::clicked, this, [this] {
        const auto running = m_jobs ? m_jobs->running() : QList<session::JobInfo>();
        if (!running.isEmpty())
            m_jobs->cancel(running.first().id);
    });
    connect(m_more, &QToolButton::clicked, this, &JobBar::showMenu);
    hide();
}

void JobBar::setJobs(session::JobQueue *jobs)
{
    if (m_jobs)
        m_jobs->disconnect(this);
    m_jobs = jobs;
    if (jobs) {
        connect(jobs, &session::JobQueue::changed, this, &JobBar::refresh);
        connect(jobs, &QObject::destroyed, this, [this] { m_jobs = nullptr; });
    }
    refresh();
}

void JobBar::refresh()
{
    const auto running = m_jobs ? m_jobs->running() : QList<session::JobInfo>();
    setVisible(!running.isEmpty());
    if (running.isEmpty())
        return;
    const session::JobInfo &job = running.first();
    m_text->setText(describe(job));
    // Scaled: QProgressBar counts in int, jobs in bytes.
    m_bar->setRange(0, job.total > 0 ? 1000 : 0);
    m_bar->setValue(job.total > 0 ? int(1000 * qMin(job.done, job.total) / job.total) : 0);
    m_more->setVisible(running.size() > 1);
    m_more->setText(tr("+%1 more").arg(running.size() - 1));
}

void JobBar::showMenu()
{
    if (!m_jobs)
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto running = m_jobs->running();
    for (const session::JobInfo &job : running) {
        menu->addAction(widgets::themedIcon(QStringLiteral("cancel")), tr("Cancel: %1").arg(describe(job)),
            this, [this, id = job.id] {
                if (m_jobs)
                    m_jobs->cancel(id);
            });
    }
    menu->popup(m_more->mapToGlobal(QPoint(0, 0)));
}

} // namespace tailscope::app
