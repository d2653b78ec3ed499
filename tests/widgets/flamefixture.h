// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A flame graph over hand-made spans, and what its tests do with it.
#pragma once

#include "widgets/flame/flameview.h"

#include "tests/items/spanfixture.h"
#include "tests/widgets/viewtest.h"
#include "widgets/base/searchbar.h"
#include "widgets/flame/flamebreadcrumb.h"
#include "widgets/flame/flamecanvas.h"
#include "widgets/flame/flametimescene.h"
#include "widgets/flame/flametreescene.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

#include <cmath>
#include <ctime>

namespace tailscope::tests {

using namespace tailscope::widgets;

inline std::unique_ptr<session::Session> newSession()
{
    auto workspace = store::Workspace::temporary();
    return workspace ? std::make_unique<session::Session>(std::move(*workspace)) : nullptr;
}

/// handle 1 s > (query 600 ms, render 100 ms > escape 50 ms), idle 200 ms; twice query.
inline std::shared_ptr<const analysis::SpanColumns> shopSpans()
{
    tests::SpanFixture fixture;
    const std::uint32_t track = fixture.track("app", "main");
    const int root = fixture.span(track, 0, "handle", 0, 1'000'000'000);
    fixture.span(track, 1, "query", 10'000'000, 400'000'000, root);
    fixture.span(track, 1, "query", 500'000'000, 200'000'000, root);
    const int render = fixture.span(track, 1, "render", 750'000'000, 100'000'000, root);
    fixture.span(track, 2, "escape", 760'000'000, 50'000'000, render);
    fixture.span(track, 0, "idle", 2'000'000'000, 200'000'000);
    return fixture.build();
}

inline void give(session::Session &session, std::shared_ptr<const analysis::SpanColumns> columns)
{
    session.context()->setFullRange(columns->range);
    session.context()->setColumns(columns, analysis::LanePyramid::build(columns, {}));
}

/// A tree of n nodes below the root: every node has ten children, sizes vary.
inline std::shared_ptr<const items::FlameTree> bigTree(std::uint32_t n)
{
    auto tree = std::make_shared<analysis::CallTree>();
    tree->groups = {"", "net", "db", "ui"};
    tree->nodes.resize(1);
    tree->names = {"all"};
    for (int i = 0; i < 500; ++i)
        tree->names.push_back("package::module::function" + std::to_string(i));
    for (std::uint32_t i = 1; i <= n; ++i) {
        analysis::CallTree::Node node;
        node.parent = i <= 5 ? 0 : (i - 6) / 3 + 1;
        node.depth = std::uint16_t(tree->nodes[node.parent].depth + 1);
        node.name = 1 + i % 500;
        node.group = i % 4;
        node.nextSibling = tree->nodes[node.parent].firstChild;
        tree->nodes[node.parent].firstChild = i;
        tree->nodes.push_back(node);
    }
    for (std::uint32_t i = n; i > 0; --i) {
        auto &node = tree->nodes[i];
        node.self = 1 + i % 7;
        node.total += node.self;
        node.count = 1;
        tree->nodes[node.parent].total += node.total;
    }
    tree->sortChildren();
    return items::layOutTree(tree, {});
}

/// Processor time of this thread: what a frame costs, however busy the machine is.
inline double threadMilliseconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

/// 1,000 chains of 100 frames: every node is wider than a pixel.
inline std::shared_ptr<const items::FlameTree> wideTree()
{
    auto tree = std::make_shared<analysis::CallTree>();
    tree->groups = {""};
    tree->nodes.resize(1);
    tree->names = {"all"};
    for (int i = 0; i < 500; ++i)
        tree->names.push_back("package::module::function" + std::to_string(i));
    for (std::uint32_t chain = 0; chain < 1000; ++chain) {
        for (std::uint32_t depth = 1; depth <= 100; ++depth) {
            analysis::CallTree::Node node;
            const auto index = std::uint32_t(tree->nodes.size());
            node.parent = depth == 1 ? 0 : index - 1;
            node.depth = std::uint16_t(depth);
            node.name = 1 + (chain * 7 + depth) % 500;
            node.total = chain % 10 == 0 ? 8 : 1;
            node.self = depth == 100 ? node.total : 0;
            node.count = 1;
            if (depth == 1)
                node.nextSibling = tree->nodes[0].firstChild;
            tree->nodes[node.parent].firstChild = index;
            tree->nodes.push_back(node);
        }
    }
    tree->sortChildren();
    return items::layOutTree(tree, {});
}

inline QString focusedName(const FlameCanvas &canvas)
{
    return canvas.focusedFrame() == FlameScene::kNothing
        ? QString()
        : canvas.scene()->figures(canvas.focusedFrame()).name;
}

/// The session and the view; a test class derives from it.
class FlameFixture
{
protected:
    void open()
    {
        m_session = newSession();
        QVERIFY(m_session);
        m_view = std::make_unique<FlameView>(m_session.get());
        m_view->resize(900, 400);
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
    }
    void close()
    {
        m_view.reset();
        m_session.reset();
    }
    void showShop()
    {
        give(*m_session, shopSpans());
        QTRY_VERIFY(m_view->isReady() && m_view->canvas()->scene() && !m_view->canvas()->wording().isPreview);
    }
    std::uint32_t frameNamed(const QString &name)
    {
        const auto *scene = dynamic_cast<const FlameTreeScene *>(m_view->canvas()->scene());
        for (std::uint32_t i = 0; scene && i < scene->tree().size(); ++i) {
            if (scene->figures(i).name == name)
                return i;
        }
        return FlameScene::kNothing;
    }
    /// Row of the spans of the session.
    std::uint32_t rowNamed(const char *operation) const
    {
        const auto columns = m_session->context()->columns();
        for (std::uint32_t row = 0; row < columns->size(); ++row) {
            if (columns->operations[columns->operation[row]] == operation)
                return row;
        }
        return FlameScene::kNothing;
    }
    static QString resultText(const SearchBar *bar)
    {
        for (const QLabel *label : bar->findChildren<QLabel *>()) {
            if (!label->text().isEmpty())
                return label->text();
        }
        return {};
    }
    void trigger(const QString &text)
    {
        Q_EMIT m_view->canvas()->menuRequested(m_view->mapToGlobal(QPoint(10, 10)));
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
    std::unique_ptr<FlameView> m_view;
};

} // namespace tailscope::tests
