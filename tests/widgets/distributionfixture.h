// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A distribution view over hand-made spans, and what its tests do with pictures and the mouse.
#pragma once

#include "items/distributiongroups.h"
#include "items/distributionmodel.h"
#include "session/session.h"
#include "widgets/base/theme.h"
#include "widgets/charts/heatmapcanvas.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotdatamodel.h"
#include "widgets/charts/plotview.h"
#include "widgets/distribution/distributionview.h"
#include "widgets/distribution/grouptable.h"
#include "widgets/distribution/histogramcanvas.h"
#include "widgets/distribution/overtimepanel.h"
#include "widgets/distribution/percentilecurve.h"

#include "tests/items/distributionspans.h"

#include <QAbstractItemModelTester>
#include <QAccessible>
#include <QComboBox>
#include <QItemSelectionModel>
#include <QLabel>
#include <QPushButton>
#include <QSet>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <cmath>

#include <limits>

namespace tailscope::tests {

using namespace tailscope::widgets;

struct Fixture
{
    std::unique_ptr<session::Session> session;
    std::unique_ptr<DistributionView> view;

    Fixture()
    {
        auto workspace = store::Workspace::temporary();
        if (!workspace)
            qFatal("%s", workspace.error().toText().c_str());
        session = std::make_unique<session::Session>(std::move(*workspace));
        view = std::make_unique<DistributionView>(session.get());
        view->resize(1000, 700);
        view->show();
    }
    void load(const std::vector<test::HandSpan> &spans)
    {
        const auto columns = test::columnsOf(spans, test::kShopOperations);
        session->context()->setColumns(columns, nullptr);
        session->context()->setFullRange(columns->range);
        QTRY_VERIFY(view->isReady());
    }
    session::SessionContext *context() const { return session->context(); }
};

inline int distinctColors(const QWidget &widget)
{
    const QImage image = const_cast<QWidget &>(widget).grab().toImage().convertToFormat(QImage::Format_RGB32);
    QSet<QRgb> colors;
    for (int y = 0; y < image.height(); y += 2) {
        for (int x = 0; x < image.width(); x += 2)
            colors.insert(image.pixel(x, y));
    }
    return int(colors.size());
}

inline void drag(QWidget *widget, const QPoint &from, const QPoint &to)
{
    QTest::mousePress(widget, Qt::LeftButton, {}, from);
    const auto move = [widget](const QPoint &place) {
        QMouseEvent event(QEvent::MouseMove, QPointF(place), widget->mapToGlobal(QPointF(place)),
            Qt::NoButton, Qt::LeftButton, {});
        QCoreApplication::sendEvent(widget, &event);
    };
    move((from + to) / 2);
    move(to);
    QTest::mouseRelease(widget, Qt::LeftButton, {}, to);
}

inline bool overlap(const QVector<StackedLabel> &labels)
{
    for (int i = 0; i < labels.size(); ++i) {
        for (int k = 0; k < i; ++k) {
            const StackedLabel &a = labels[i], &b = labels[k];
            if (a.row >= 0 && a.row == b.row && a.left < b.left + b.width && b.left < a.left + a.width)
                return true;
        }
    }
    return false;
}

} // namespace tailscope::tests
