// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A timeline over hand-made spans, and what its tests do with it.
#pragma once

#include "widgets/timeline/timelineview.h"

#include "store/bulkwriter.h"
#include "tests/items/spanfixture.h"
#include "tests/widgets/viewtest.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/searchbar.h"
#include "widgets/timeline/timelinecanvas.h"
#include "widgets/timeline/timelinenoteeditor.h"
#include "widgets/timeline/timelineseries.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include <ctime>

namespace tailscope::tests {

using namespace tailscope::widgets;

inline constexpr Nanos kMs = 1'000'000;

inline std::unique_ptr<session::Session> newSession()
{
    auto workspace = store::Workspace::temporary();
    return workspace ? std::make_unique<session::Session>(std::move(*workspace)) : nullptr;
}

/// Two threads of one process and a service; one error, one span without end.
inline std::shared_ptr<const analysis::SpanColumns> shopSpans()
{
    tests::SpanFixture fixture;
    const std::uint32_t main = fixture.track("app", "main");
    const std::uint32_t worker = fixture.track("app", "worker");
    const std::uint32_t shop = fixture.track("", "", "shop", "i1");
    const int root = fixture.span(main, 0, "handle", 0, 100 * kMs);
    fixture.span(main, 1, "query", 10 * kMs, 30 * kMs, root);
    fixture.span(main, 1, "render", 50 * kMs, 40 * kMs, root);
    fixture.span(main, 0, "idle", 200 * kMs, 100 * kMs);
    fixture.span(worker, 0, "send", 20 * kMs, 60 * kMs, -1, SpanStatus::Error);
    fixture.span(worker, 0, "hang", 250 * kMs, kUnknownNanos);
    fixture.span(shop, 0, "GET /", 0, 300 * kMs);
    return fixture.build();
}

inline void give(session::Session &session, std::shared_ptr<const analysis::SpanColumns> columns)
{
    session.context()->setFullRange(columns->range);
    session.context()->setColumns(columns, analysis::LanePyramid::build(columns, {}));
}

inline QString resultText(const SearchBar *bar)
{
    for (const QLabel *label : bar->findChildren<QLabel *>()) {
        if (!label->text().isEmpty())
            return label->text();
    }
    return {};
}

/// Processor time of this thread: what a frame costs, however busy the machine is.
inline double threadMilliseconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

inline std::uint32_t rowNamed(const analysis::SpanColumns &columns, const char *operation)
{
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        if (columns.operations[columns.operation[row]] == operation)
            return row;
    }
    return analysis::kNoRow;
}

/// The session, the view and its spans; a test class derives from it.
class TimelineFixture
{
protected:
    void open()
    {
        m_session = newSession();
        QVERIFY(m_session);
        m_view = std::make_unique<TimelineView>(m_session.get());
        m_view->resize(1000, 500);
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
    }
    void close()
    {
        m_view.reset();
        m_session.reset();
    }
    TimelineCanvas *canvas() const { return m_view->canvas(); }
    void showShop()
    {
        m_columns = shopSpans();
        give(*m_session, m_columns);
        QTRY_VERIFY(m_view->isReady() && canvas()->isVisible());
    }
    QString selectedName() const
    {
        const std::uint32_t row = canvas()->selectedRow();
        return row < m_columns->size()
            ? QString::fromStdString(m_columns->operations[m_columns->operation[row]])
            : QString();
    }
    void drag(const QPoint &from, const QPoint &to, Qt::KeyboardModifiers modifiers)
    {
        QTest::mousePress(canvas(), Qt::LeftButton, modifiers, from);
        QTest::mouseMove(canvas(), (from + to) / 2);
        QTest::mouseMove(canvas(), to);
        QTest::mouseRelease(canvas(), Qt::LeftButton, modifiers, to);
    }
    void trigger(const QString &text)
    {
        Q_EMIT canvas()->menuRequested(m_view->mapToGlobal(QPoint(10, 10)));
        const auto menus = m_view->findChildren<QMenu *>(QString(), Qt::FindDirectChildrenOnly);
        QVERIFY(!menus.isEmpty());
        QMenu *menu = menus.last();
        for (QAction *action : menu->actions()) {
            if (action->text().remove(QLatin1Char('&')) == text) {
                QVERIFY2(action->isEnabled(), qPrintable(text));
                action->trigger();
                delete menu;
                return;
            }
        }
        QFAIL(qPrintable(text));
    }

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<TimelineView> m_view;
    std::shared_ptr<const analysis::SpanColumns> m_columns;
};

} // namespace tailscope::tests
