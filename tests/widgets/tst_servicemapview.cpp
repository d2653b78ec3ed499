// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/servicemap/servicemapview.h"

#include "items/serviceedgetable.h"
#include "tests/widgets/viewtest.h"
#include "widgets/servicemap/servicemapcanvas.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>

using namespace tailscope;
using namespace tailscope::widgets;
using items::ServiceEdgeTable;

namespace {

/// `n` requests: web calls stock (every tenth fails) and a database.
tests::Files shop(int n)
{
    QByteArray lines;
    for (int i = 0; i < n; ++i) {
        const QByteArray trace = QByteArray::number(i + 1).rightJustified(32, '0');
        const qint64 start = 1'700'000'000'000'000'000 + qint64(i) * 1'000'000'000;
        const auto span = [&](const char *id, const char *parent, const char *name, int kind, qint64 from,
                              qint64 length, bool failed, const QByteArray &attributes = {}) {
            return QByteArray(R"({"traceId":")") + trace + R"(","spanId":"000000000000000)" + id
                + R"(","parentSpanId":")" + (*parent ? QByteArray("000000000000000") + parent : QByteArray())
                + R"(","name":")" + name + R"(","kind":)" + QByteArray::number(kind)
                + R"(,"startTimeUnixNano":")" + QByteArray::number(start + from) + R"(","endTimeUnixNano":")"
                + QByteArray::number(start + from + length) + R"(","attributes":[)" + attributes
                + R"(],"status":{"code":)" + (failed ? "2" : "1") + "}}";
        };
        const auto service = [](const char *name, const QByteArray &spans) {
            return QByteArray(R"({"resource":{"attributes":[{"key":"service.name","value":{"stringValue":")")
                + name + R"("}}]},"scopeSpans":[{"spans":[)" + spans + "]}]}";
        };
        const QByteArray db = R"({"key":"db.system","value":{"stringValue":"postgresql"}})";
        lines += R"({"resourceSpans":[)"
            + service("web",
                span("1", "", "GET /", 2, 0, 100'000'000, false) + ','
                    + span("2", "1", "reserve", 3, 10'000'000, 40'000'000, false) + ','
                    + span("4", "1", "SELECT", 3, 60'000'000, 10'000'000, false, db))
            + ',' + service("stock", span("3", "2", "reserve", 2, 12'000'000, 30'000'000, i % 10 == 0))
            + "]}\n";
    }
    return {{QStringLiteral("shop.jsonl"), lines}};
}

} // namespace

class TestServiceMapView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStatesSayWhatToDo();
    void clickNarrowsAndDoubleClickOpens();
    void keyboardAlone();
    void tableIsTheSame();
    void searchAndHide();
    void zoomAndPan();
    void sqlAndNames();
    void pictures();

private:
    void open(const tests::Files &files);
    int node(const char *name) const;

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<ServiceMapView> m_view;
};

void TestServiceMapView::open(const tests::Files &files)
{
    m_view.reset();
    m_session = tests::openSession(files);
    m_view = std::make_unique<ServiceMapView>(m_session.get(), nullptr);
    m_view->resize(1100, 700);
    m_view->show();
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
}

int TestServiceMapView::node(const char *name) const
{
    // The tooltip of a box begins with its name.
    const ServiceMapCanvas *canvas = m_view->canvas();
    for (int i = 0; i < canvas->mapLayout().boxes.size(); ++i) {
        if (canvas->toolTipAt(canvas->nodeRect(i).center().toPoint()).section(QLatin1Char('\n'), 0, 0)
            == QLatin1String(name))
            return i;
    }
    return -1;
}

void TestServiceMapView::emptyStatesSayWhatToDo()
{
    open({});
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("Open traces")));
    QSignalSpy commands(m_view.get(), &View::commandRequested);
    for (QPushButton *button : m_view->findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.size(), 1);
    open(shop(5));
    m_session->context()->setFilterText(QStringLiteral("operation=nothing"));
    QTRY_VERIFY(tests::labelText(*m_view).contains(QStringLiteral("Nothing Passes")));
    for (QPushButton *button : m_view->findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QTRY_VERIFY(m_view->canvas()->isVisible());
    QVERIFY(m_session->context()->filterText().isEmpty());
}

void TestServiceMapView::clickNarrowsAndDoubleClickOpens()
{
    open(shop(20));
    const int stock = node("stock");
    QVERIFY(stock >= 0 && node("web") >= 0 && node("postgresql") >= 0);
    ServiceMapCanvas *canvas = m_view->canvas();
    const QString tip = canvas->toolTipAt(canvas->nodeRect(stock).center().toPoint());
    QVERIFY(tip.contains(QStringLiteral("20 requests, 2 errors (10 %)")));
    QVERIFY(tip.contains(QStringLiteral("30,000,000 ns")));
    // A node without spans has nothing to filter to.
    QTest::mouseClick(canvas, Qt::LeftButton, {}, canvas->nodeRect(node("postgresql")).center().toPoint());
    QVERIFY(m_session->context()->filterText().isEmpty());
    QTest::mouseClick(canvas, Qt::LeftButton, {}, canvas->nodeRect(stock).center().toPoint());
    QCOMPARE(m_session->context()->filterText(), QStringLiteral("service=stock"));
    QTRY_VERIFY(m_view->isReady());
    QVERIFY(node("web") >= 0); // who calls it stays in the picture
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    QTest::mouseDClick(canvas, Qt::LeftButton, {}, canvas->nodeRect(node("stock")).center().toPoint());
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.first().at(0).toString(), QStringLiteral("traces"));
}

void TestServiceMapView::keyboardAlone()
{
    open(shop(20));
    ServiceMapCanvas *canvas = m_view->canvas();
    m_view->activateWindow();
    m_view->setFocus();
    QTest::keyClick(canvas, Qt::Key_Right);
    QCOMPARE(canvas->current().node, node("web"));
    QTest::keyClick(canvas, Qt::Key_Right); // the busiest callee, the first of equals
    QVERIFY(canvas->current().node != node("web"));
    const int first = canvas->current().node;
    QTest::keyClick(canvas,
        canvas->nodeRect(first).top() < canvas->nodeRect(node("web")).top() ? Qt::Key_Down : Qt::Key_Up);
    QVERIFY(canvas->current().node != first);
    QVERIFY(canvas->accessibleValue().contains(QStringLiteral("20 requests")));
    QTest::keyClick(canvas, Qt::Key_Left);
    QCOMPARE(canvas->current().node, node("web"));
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    QTest::keyClick(canvas, Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(m_session->context()->filterText(), QStringLiteral("service=web"));
    QTest::keyClick(canvas, Qt::Key_Escape);
    QVERIFY(canvas->current().isNone());
    QVERIFY(tests::nameless(*m_view).isEmpty());
}

void TestServiceMapView::tableIsTheSame()
{
    open(shop(20));
    QTableView *table = m_view->table();
    QCOMPARE(table->model()->rowCount(), 2);
    table->selectRow(0);
    QVERIFY(m_view->canvas()->current().edge >= 0);
    table->setFocus();
    QTest::keySequence(table, QKeySequence::Copy);
    QVERIFY(QApplication::clipboard()->text().startsWith(QStringLiteral("caller\tcallee\tkind")));
    QCOMPARE(QApplication::clipboard()->text().count(QLatin1Char('\n')), 1);
    for (int row = 0; row < 2; ++row) {
        if (table->model()->index(row, ServiceEdgeTable::Callee).data().toString() == QLatin1String("stock"))
            table->setCurrentIndex(table->model()->index(row, 0));
    }
    QTest::keyClick(table, Qt::Key_Return);
    QCOMPARE(m_session->context()->filterText(), QStringLiteral("service=stock"));
}

void TestServiceMapView::searchAndHide()
{
    open(shop(20));
    m_view->startSearch();
    auto *field = m_view->findChild<QLineEdit *>();
    QTest::keyClicks(field, QStringLiteral("stock"));
    QCOMPARE(m_view->canvas()->matches(), 1);
    QCOMPARE(m_view->canvas()->current().node, node("stock"));
    m_view->restoreState({{QStringLiteral("leastShare"), 0.2}});
    QCOMPARE(m_view->findChild<QComboBox *>()->currentIndex(), 4);
    QCOMPARE(m_view->saveState().value(QStringLiteral("leastShare")).toDouble(), 0.2);
    QVERIFY(node("stock") >= 0); // half of the calls
}

void TestServiceMapView::zoomAndPan()
{
    open(shop(5));
    ServiceMapCanvas *canvas = m_view->canvas();
    const double before = canvas->scale();
    QTest::keyClick(canvas, Qt::Key_Plus);
    QVERIFY(canvas->scale() > before);
    const QRectF box = canvas->nodeRect(0);
    QTest::mousePress(canvas, Qt::LeftButton, {}, {5, 5});
    QTest::mouseMove(canvas, {60, 45});
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, {60, 45});
    QCOMPARE(canvas->nodeRect(0).topLeft(), box.topLeft() + QPointF(55, 40));
    QVERIFY(m_session->context()->filterText().isEmpty()); // a drag is no click
    QTest::keyClick(canvas, Qt::Key_Home);
    QVERIFY(QRectF(canvas->rect()).contains(canvas->nodeRect(0)));
}

void TestServiceMapView::sqlAndNames()
{
    open(shop(20));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    QCOMPARE(tests::value(*m_session, "SELECT sum(n) FROM service_edge"), QStringLiteral("40"));
    m_session->context()->setFilterText(QStringLiteral("service=stock duration>1ms"));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    QVERIFY(m_view->showSql().contains(QStringLiteral("stock")));
}

void TestServiceMapView::pictures()
{
    const auto session = tests::openSession(shop(20));
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<ServiceMapView>(session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestServiceMapView)
#include "tst_servicemapview.moc"
