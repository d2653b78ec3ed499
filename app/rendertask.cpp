// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/rendertask.h"

#include "app/viewregistry.h"
#include "session/session.h"

#include <QApplication>
#include <QTextStream>
#include <QTimer>

namespace tailscope::app {

namespace {

constexpr int kCheckMs = 20;
// A view may start its next job in a queued slot: it counts as ready after it stayed so for a few rounds.
constexpr int kQuietChecks = 5;
constexpr qint64 kMaxMs = 10 * 60 * 1000;

} // namespace

RenderTask::RenderTask(session::Session *session, RenderOrder order, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_order(std::move(order))
{}

RenderTask::~RenderTask() = default;

void RenderTask::start()
{
    m_clock.start();
    connect(m_session, &session::Session::failed, this, [](const Error &error) {
        QTextStream(stderr) << "tailscope: " << QString::fromStdString(error.toText()) << "\n";
    });
    connect(m_session, &session::Session::loaded, this, &RenderTask::showView);
    m_session->reload();
}

void RenderTask::showView()
{
    if (m_view)
        return;
    const widgets::ViewDescriptor *row = viewById(m_order.view);
    m_view.reset(row->create(m_session, nullptr));
    m_view->setViewId(row->id);
    m_view->setWindowTitle(row->title);
    m_view->resize(m_order.size);
    m_view->show();
    if (!m_order.state.isEmpty())
        m_view->restoreState(m_order.state);
    if (!m_order.filter.isEmpty())
        m_session->context()->setFilterText(m_order.filter);
    if (m_order.range)
        m_session->context()->setRange(m_order.range);
    if (m_order.trace)
        m_session->context()->setSelection({session::Selection::Kind::Trace, *m_order.trace, {}});
    auto *timer = new QTimer(this);
    connect(timer, &QTimer::timeout, this, &RenderTask::check);
    timer->start(kCheckMs);
}

void RenderTask::check()
{
    const bool quiet = m_view->isReady() && !m_session->isLoading() && m_session->jobs()->isIdle();
    m_quietChecks = quiet ? m_quietChecks + 1 : 0;
    if (m_quietChecks >= kQuietChecks || m_clock.elapsed() > kMaxMs)
        finish();
}

void RenderTask::finish()
{
    QTextStream err(stderr);
    if (const QString problem = m_session->context()->filterError(); !problem.isEmpty()) {
        err << "tailscope render: " << problem << "\n";
        QApplication::exit(2);
        return;
    }
    if (m_quietChecks < kQuietChecks) {
        err << "tailscope render: " << m_order.view
            << ": not ready after ten minutes. Try a smaller range.\n";
        QApplication::exit(3);
        return;
    }
    const QString problem = m_view->exportPicture(m_order.output);
    if (!problem.isEmpty())
        err << "tailscope render: " << problem << "\n";
    m_view.reset();
    QApplication::exit(problem.isEmpty() ? 0 : 3);
}

} // namespace tailscope::app
