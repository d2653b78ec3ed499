// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the views share: a session over a small imported workspace, and checks every view passes.
#pragma once

#include "import/importjob.h"
#include "session/ingest.h"
#include "session/session.h"
#include "widgets/base/theme.h"
#include "widgets/base/view.h"

#include <QAccessible>
#include <QFile>
#include <QImage>
#include <QLabel>
#include <QSet>
#include <QSignalSpy>
#include <QTest>

#include <functional>
#include <memory>

namespace tailscope::tests {

using Files = QList<QPair<QString, QByteArray>>;

/// Imports the texts one after the other (they must be good), makes them ready with rules and loads all.
inline std::unique_ptr<session::Session> openSession(const Files &files = {})
{
    auto workspace = store::Workspace::temporary();
    if (!workspace)
        qFatal("%s", workspace.error().toText().c_str());
    for (const auto &[name, bytes] : files) {
        import::ImportOptions options;
        // A row that cannot be read makes the sniffer doubt so small a file.
        if (name.endsWith(QLatin1String(".csv")))
            options.format = "csv-series";
        auto outcome = import::importText(**workspace, name.toStdString(), bytes.toStdString(), options, {});
        if (!outcome)
            qFatal("%s", outcome.error().toText().c_str());
        if (auto ready = session::refresh(**workspace, {outcome->sourceId}, true, {}); !ready)
            qFatal("%s", ready.error().toText().c_str());
    }
    auto session = std::make_unique<session::Session>(std::move(*workspace));
    QSignalSpy loaded(session.get(), &session::Session::loaded);
    session->reload();
    if (!loaded.wait(30'000))
        qFatal("the session did not load");
    return session;
}

inline QByteArray fileText(const QString &path)
{
    QFile file(QStringLiteral(TS_SOURCE_DIR "/") + path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("cannot read %s", qPrintable(path));
    return file.readAll();
}

inline Files plan(const char *letter)
{
    const QString name = QStringLiteral("plan-%1.txt").arg(QString::fromLatin1(letter));
    return {{name, fileText(QStringLiteral("resources/samples/order-lookup/") + name)}};
}

/// `requests` traces of "POST /order" (100 ms) that call "SELECT stock" (30 ms); every fourth one fails.
inline Files orderTraces(int requests)
{
    QByteArray lines;
    for (int i = 0; i < requests; ++i) {
        const qint64 start = 1'700'000'000'000'000'000 + qint64(i) * 1'000'000'000;
        const QByteArray trace = QByteArray::number(i + 1).rightJustified(32, '0');
        const auto span = [&](const char *id, const char *parent, const char *name, int kind, qint64 offset,
                              qint64 length, bool failed) {
            return QByteArray(R"({"traceId":")") + trace + R"(","spanId":")" + id + R"(","parentSpanId":")"
                + parent + R"(","name":")" + name + R"(","kind":)" + QByteArray::number(kind)
                + R"(,"startTimeUnixNano":")" + QByteArray::number(start + offset)
                + R"(","endTimeUnixNano":")" + QByteArray::number(start + offset + length)
                + R"(","status":{"code":)" + (failed ? "2" : "1") + "}}";
        };
        lines
            += R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[)"
            + span("0000000000000001", "", "POST /order", 2, 0, 100'000'000, i % 4 == 0) + ','
            + span("0000000000000002", "0000000000000001", "SELECT stock", 3, 10'000'000, 30'000'000, false)
            + "]}]}]}\n";
    }
    return {{QStringLiteral("orders.jsonl"), lines}};
}

/// A counter of three points and one row that cannot be read.
inline Files poolSeries()
{
    return {{QStringLiteral("pool.csv"),
        "ts,series,labels,value\n2026-03-02T12:00:00Z,pool_active,,1\n2026-03-02T12:00:01Z,pool_active,,5\n"
        "not a time,pool_active,,9\n2026-03-02T12:00:02Z,pool_active,,2\n"}};
}

/// The first value of a query, as text; fails the program when it does not run.
inline QString value(const session::Session &session, const char *sql)
{
    auto database = session.workspace().connectReader();
    auto statement = database ? database->prepare(sql) : tl::unexpected(database.error());
    if (!statement)
        qFatal("%s", statement.error().toText().c_str());
    auto row = statement->step();
    return row && *row ? QString::fromStdString(std::string(statement->text(0))) : QString();
}

/// Empty when the query runs, else what SQLite says.
inline QString sqlProblem(const session::Session &session, const QString &sql)
{
    auto database = session.workspace().connectReader();
    if (!database)
        return QString::fromStdString(database.error().toText());
    auto statement = database->prepare(sql.toStdString());
    if (!statement)
        return QString::fromStdString(statement.error().toText());
    const auto row = statement->step();
    return row ? QString() : QString::fromStdString(row.error().toText());
}

inline int colours(const QImage &image)
{
    QSet<QRgb> seen;
    for (int y = 0; y < image.height(); y += 2) {
        for (int x = 0; x < image.width(); x += 2)
            seen.insert(image.pixel(x, y));
    }
    return int(seen.size());
}

/// Visible widgets that take the focus by keyboard but tell a screen reader nothing.
inline QStringList nameless(const QWidget &view)
{
    QStringList found;
    for (QWidget *widget : view.findChildren<QWidget *>()) {
        if (!widget->isVisible() || !(widget->focusPolicy() & Qt::TabFocus) || widget->focusProxy()
            || widget->inherits("QTabBar") || widget->inherits("QScrollArea"))
            continue;
        const QAccessibleInterface *face = QAccessible::queryAccessibleInterface(widget);
        if (!face || face->text(QAccessible::Name).isEmpty())
            found << QString::fromLatin1(widget->metaObject()->className()) + QLatin1Char(' ')
                    + widget->objectName();
    }
    return found;
}

/// Draws the view light, dark and at one and a half times the size; returns what is wrong.
inline QString pictureProblem(const std::function<std::unique_ptr<widgets::View>()> &make)
{
    QString problem;
    for (const auto scheme : {widgets::ColorScheme::Light, widgets::ColorScheme::Dark}) {
        widgets::applyColorScheme(scheme);
        const bool isDark = scheme == widgets::ColorScheme::Dark;
        const auto view = make();
        view->resize(900, 600);
        view->show();
        if (!QTest::qWaitFor([&] { return view->isReady(); }, 20'000))
            problem += QStringLiteral("not ready; ");
        const QImage plain = view->grab().toImage().convertToFormat(QImage::Format_RGB32);
        if (colours(plain) < 4)
            problem += QStringLiteral("blank; ");
        if ((plain.scaled(1, 1, Qt::IgnoreAspectRatio, Qt::SmoothTransformation).pixelColor(0, 0).lightness()
                < 128)
            != isDark)
            problem += isDark ? QStringLiteral("not dark; ") : QStringLiteral("not light; ");
        QImage large(view->size() * 1.5, QImage::Format_RGB32);
        large.setDevicePixelRatio(1.5);
        large.fill(Qt::magenta);
        view->render(&large);
        if (colours(large) < 4
            || large.pixelColor(large.width() - 2, large.height() - 2) == QColor(Qt::magenta))
            problem += QStringLiteral("not filled at 1.5x; ");
    }
    widgets::applyColorScheme(widgets::ColorScheme::Light);
    return problem;
}

/// All that the labels and empty states of the view say.
inline QString labelText(const QWidget &view)
{
    QStringList texts;
    for (const QLabel *label : view.findChildren<QLabel *>()) {
        if (label->isVisible())
            texts << label->text();
    }
    return texts.join(QLatin1Char('\n'));
}

} // namespace tailscope::tests
