// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Arrows around the selected span, over the flows of the bundled tour.
#include "items/spanarrows.h"
#include "tests/widgets/viewtest.h"

using namespace tailscope;
using namespace tailscope::items;
using Kind = session::Selection::Kind;

class TestSpanArrows : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void followsFlows();
    void pointsIntoOtherTracks();
    void emptyWithoutSpan();
};

void TestSpanArrows::followsFlows()
{
    const auto session = tests::openSession({{QStringLiteral("tour.json"),
        tests::fileText(QStringLiteral("resources/samples/tour/checkout.trace.json"))}});
    SpanArrows arrows(session.get());
    QSignalSpy changed(&arrows, &SpanArrows::changed);
    const qint64 id = tests::value(*session,
        "SELECT span_id FROM span_link WHERE linked_span_id IS NOT NULL"
        " ORDER BY id LIMIT 1")
                          .toLongLong();
    QVERIFY(id > 0);
    session->context()->setSelection({Kind::Span, id, {}});
    QVERIFY(changed.wait(10'000));
    const auto columns = session->context()->columns();
    int links = 0;
    bool touchesSelected = false;
    for (const SpanArrow &arrow : arrows.arrows()) {
        QVERIFY(columns->start[arrow.from] <= columns->start[arrow.to]);
        links += arrow.isLink ? 1 : 0;
        touchesSelected |= arrow.isLink && (columns->id(arrow.from) == id || columns->id(arrow.to) == id);
    }
    QVERIFY(links > 0 && touchesSelected);
    // The chain: everything that the links reach from here, by SQL.
    const int reached = tests::value(*session,
        QStringLiteral(
            "WITH RECURSIVE hop(id) AS (SELECT %1 UNION SELECT CASE WHEN l.span_id = h.id THEN"
            " l.linked_span_id ELSE l.span_id END FROM hop AS h JOIN span_link AS l ON l.span_id = h.id"
            " OR l.linked_span_id = h.id) SELECT count(*) FROM span_link WHERE span_id IN (SELECT id"
            " FROM hop) AND linked_span_id IN (SELECT id FROM hop)")
            .arg(id)
            .toUtf8()
            .constData())
                            .toInt();
    QCOMPARE(links, reached);
    QVERIFY(!arrows.isTruncated());
}

void TestSpanArrows::pointsIntoOtherTracks()
{
    const auto session = tests::openSession(tests::orderTraces(2));
    SpanArrows arrows(session.get());
    const auto columns = session->context()->columns();
    for (std::uint32_t row = 0; row < columns->size(); ++row) {
        session->context()->setSelection({Kind::Span, columns->id(row), {}});
        QTRY_VERIFY(!arrows.isRunning());
        std::size_t expected = 0;
        for (std::uint32_t other = 0; other < columns->size(); ++other) {
            const bool related = columns->parent[other] == row || columns->parent[row] == other;
            expected += related && columns->track[other] != columns->track[row] ? 1 : 0;
        }
        QCOMPARE(arrows.arrows().size(), expected);
    }
}

void TestSpanArrows::emptyWithoutSpan()
{
    const auto session = tests::openSession(tests::orderTraces(1));
    SpanArrows arrows(session.get());
    session->context()->setSelection({Kind::Span, 987'654'321, {}});
    QTRY_VERIFY(!arrows.isRunning());
    QVERIFY(arrows.arrows().empty());
    session->context()->setSelection({});
    QVERIFY(arrows.arrows().empty());
}

QTEST_MAIN(TestSpanArrows)
#include "tst_spanarrows.moc"
