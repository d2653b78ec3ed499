// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope render: any view as PNG or SVG, without a display.
#include "app/command.h"
#include "app/commands/input.h"
#include "app/rendertask.h"
#include "app/viewregistry.h"
#include "items/tracetable.h"
#include "session/ingest.h"
#include "session/session.h"
#include "widgets/base/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QTextStream>
#include <QTimer>

namespace tailscope::app {

namespace {

constexpr int kMaxSide = 16384;

int usage(const QString &problem)
{
    QTextStream(stderr) << "tailscope render: " << problem << "\n";
    return 2;
}

QString viewList()
{
    QStringList ids;
    for (const widgets::ViewDescriptor &row : viewRegistry())
        ids << row.id;
    return ids.join(QStringLiteral(", "));
}

std::optional<QSize> parseSize(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^(\\d{2,5})x(\\d{2,5})$"));
    const auto match = form.match(text);
    if (!match.hasMatch())
        return std::nullopt;
    const QSize size(match.captured(1).toInt(), match.captured(2).toInt());
    if (size.width() > kMaxSide || size.height() > kMaxSide)
        return std::nullopt;
    return size;
}

std::optional<TimeRange> parseRange(const QString &text)
{
    const QStringList ends = text.split(QStringLiteral(".."));
    bool okBegin = false;
    bool okEnd = false;
    if (ends.size() != 2)
        return std::nullopt;
    const TimeRange range{ends.at(0).toLongLong(&okBegin), ends.at(1).toLongLong(&okEnd)};
    return okBegin && okEnd && !range.isEmpty() ? std::optional(range) : std::nullopt;
}

/// Options into an order; the text of the mistake otherwise.
QString readOrder(const QCommandLineParser &parser, RenderOrder &order)
{
    order.view = parser.value(QStringLiteral("view"));
    if (!viewById(order.view))
        return QStringLiteral("--view '%1' is no view. Known: %2").arg(order.view, viewList());
    order.output = parser.value(QStringLiteral("o"));
    if (!order.output.endsWith(QLatin1String(".png")) && !order.output.endsWith(QLatin1String(".svg")))
        return QStringLiteral("-o needs a file that ends in .png or .svg");
    if (parser.isSet(QStringLiteral("size"))) {
        const auto size = parseSize(parser.value(QStringLiteral("size")));
        if (!size)
            return QStringLiteral("--size needs WIDTHxHEIGHT, for example 1600x900, at most %1 each")
                .arg(kMaxSide);
        order.size = *size;
    }
    if (parser.isSet(QStringLiteral("range"))) {
        order.range = parseRange(parser.value(QStringLiteral("range")));
        if (!order.range)
            return QStringLiteral("--range needs BEGIN..END in nanoseconds, END after BEGIN");
    }
    order.filter = parser.value(QStringLiteral("filter"));
    if (parser.isSet(QStringLiteral("state"))) {
        const QJsonDocument state = QJsonDocument::fromJson(parser.value(QStringLiteral("state")).toUtf8());
        if (!state.isObject())
            return QStringLiteral("--state needs a JSON object");
        order.state = state.object();
    }
    return {};
}

/// The workspace itself, or a temporary one with the files in it.
Result<std::unique_ptr<store::Workspace>> inputToDraw(const QStringList &inputs)
{
    if (inputs.size() == 1 && inputs.first().endsWith(QLatin1String(".tailscope")))
        return openReadable(inputs.first());
    auto workspace = store::Workspace::temporary();
    if (!workspace)
        return workspace;
    std::vector<std::string> paths;
    for (const QString &input : inputs)
        paths.push_back(input.toStdString());
    const session::IngestResult result = session::ingest(**workspace, paths, {}, {});
    for (const Error &error : result.errors)
        QTextStream(stderr) << "tailscope render: " << QString::fromStdString(error.toText()) << "\n";
    if (result.outcomes.empty() && !result.errors.empty())
        return tl::unexpected(result.errors.front());
    return workspace;
}

/// The trace that --trace names, into the order; the text of the mistake otherwise.
QString findTrace(const store::Workspace &workspace, const QString &key, RenderOrder &order)
{
    const auto id = items::traceIdOfKey(workspace, key);
    if (!id)
        return QString::fromStdString(id.error().toText());
    if (!*id)
        return QStringLiteral("--trace '%1' is no trace of this workspace, or the beginning of several. "
                              "'tailscope query W \"SELECT trace_key FROM trace\"' lists them")
            .arg(key);
    order.trace = **id;
    return {};
}

} // namespace

int runRender(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.addOptions({{QStringLiteral("view"), {}, QStringLiteral("ID")},
        {QStringLiteral("size"), {}, QStringLiteral("WxH")},
        {QStringLiteral("theme"), {}, QStringLiteral("light|dark"), QStringLiteral("light")},
        {QStringLiteral("range"), {}, QStringLiteral("A..B")},
        {QStringLiteral("filter"), {}, QStringLiteral("EXPRESSION")},
        {QStringLiteral("state"), {}, QStringLiteral("JSON")},
        {QStringLiteral("trace"), {}, QStringLiteral("KEY")},
        {{QStringLiteral("o"), QStringLiteral("output")}, {}, QStringLiteral("OUT")}});
    if (!parser.parse(QStringList{QStringLiteral("render")} + arguments))
        return usage(parser.errorText());
    RenderOrder order;
    if (const QString problem = readOrder(parser, order); !problem.isEmpty())
        return usage(problem);
    const QString theme = parser.value(QStringLiteral("theme"));
    if (theme != QLatin1String("light") && theme != QLatin1String("dark"))
        return usage(QStringLiteral("--theme is light or dark, not '%1'").arg(theme));
    widgets::applyColorScheme(
        theme == QLatin1String("dark") ? widgets::ColorScheme::Dark : widgets::ColorScheme::Light);
    const QStringList inputs = parser.positionalArguments();
    if (inputs.isEmpty() && order.view != QLatin1String("start"))
        return usage(QStringLiteral("name a workspace or files to draw"));
    auto workspace = inputs.isEmpty() ? store::Workspace::temporary() : inputToDraw(inputs);
    if (!workspace) {
        QTextStream(stderr) << "tailscope render: " << QString::fromStdString(workspace.error().toText())
                            << "\n";
        return exitCode(workspace.error().code);
    }
    if (const QString key = parser.value(QStringLiteral("trace")); !key.isEmpty()) {
        if (const QString problem = findTrace(**workspace, key, order); !problem.isEmpty())
            return usage(problem);
    }
    session::Session session(std::move(*workspace));
    RenderTask task(&session, order);
    QTimer::singleShot(0, &task, &RenderTask::start);
    return QApplication::exec();
}

} // namespace tailscope::app
