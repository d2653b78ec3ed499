// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope formats, rules, probes, views: what this program knows.
#include "advisor/rules.h"
#include "app/arguments.h"
#include "app/command.h"
#include "app/viewregistry.h"
#include "base/text.h"
#include "import/importer.h"
#include "live/probe.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTextStream>

namespace tailscope::app {

namespace {

QString opt(const char *name) { return QString::fromLatin1(name); }

QString text(std::string_view view) { return QString::fromUtf8(view.data(), qsizetype(view.size())); }

/// Rows as JSON, or aligned with the first column as key and the rest behind it. extras: more members of each
/// row, for JSON only.
int print(const QString &command, const QStringList &arguments,
    const QList<QList<std::pair<QString, QString>>> &rows, const QList<QJsonObject> &extras = {})
{
    Arguments options(command, {{opt("format"), {}, opt("FORMAT")}});
    if (!options.parse(arguments, 0, 0, commandByName(command)->synopsis))
        return 2;
    const auto format = options.format({opt("text"), opt("json")});
    if (!format)
        return 2;
    QTextStream out(stdout);
    if (*format == opt("json")) {
        QJsonArray array;
        for (qsizetype i = 0; i < rows.size(); ++i) {
            const auto &row = rows.at(i);
            QJsonObject object = extras.value(i);
            for (const auto &[key, value] : row)
                object.insert(key, value);
            array.append(object);
        }
        out << QJsonDocument(array).toJson();
        return 0;
    }
    qsizetype width = 0;
    for (const auto &row : rows)
        width = std::max(width, row.first().second.size());
    for (const auto &row : rows) {
        QStringList rest;
        for (qsizetype i = 1; i < row.size(); ++i)
            rest << row.at(i).second;
        out << row.first().second.leftJustified(width) << "  " << rest.join(opt("  ")) << "\n";
    }
    return 0;
}

/// What the user changed: "muted", "share = 0.9 (0.8)".
QString changesOf(const advisor::Rule &rule)
{
    QStringList changes;
    if (rule.muted)
        changes << opt("muted");
    for (const advisor::Threshold &threshold : rule.thresholds) {
        if (threshold.value != threshold.standard)
            changes << QStringLiteral("%1 = %2 (%3)")
                           .arg(text(threshold.name))
                           .arg(threshold.value, 0, 'g', 15)
                           .arg(threshold.standard, 0, 'g', 15);
    }
    return changes.isEmpty() ? QString() : QLatin1Char('[') + changes.join(opt(", ")) + QLatin1Char(']');
}

QJsonObject settingsOf(const advisor::Rule &rule)
{
    QJsonArray thresholds;
    for (const advisor::Threshold &threshold : rule.thresholds)
        thresholds.append(QJsonObject{{opt("name"), text(threshold.name)}, {opt("value"), threshold.value},
            {opt("default"), threshold.standard}, {opt("unit"), text(threshold.unit)},
            {opt("source"), text(threshold.source)}});
    return {{opt("group"), text(rule.group)}, {opt("muted"), rule.muted}, {opt("thresholds"), thresholds}};
}

} // namespace

int runFormats(const QStringList &arguments)
{
    QList<QList<std::pair<QString, QString>>> rows;
    for (const import::Importer *importer : import::builtinImporters()) {
        const import::FormatDescriptor &row = importer->descriptor();
        rows.append(
            {{opt("id"), text(row.id)}, {opt("title"), text(row.title)}, {opt("help"), text(row.help)}});
    }
    return print(opt("formats"), arguments, rows);
}

int runRules(const QStringList &arguments)
{
    std::vector<Error> bad;
    QList<QList<std::pair<QString, QString>>> rows;
    QList<QJsonObject> extras;
    for (const advisor::Rule &rule : advisor::loadRules(advisor::userRuleFolder(), bad)) {
        rows.append({{opt("id"), text(rule.id)}, {opt("severity"), text(rule.severity)},
            {opt("title"), text(rule.title)}});
        if (const QString changes = changesOf(rule); !changes.isEmpty())
            rows.last().append({opt("changed"), changes});
        extras.append(settingsOf(rule));
    }
    for (const Error &error : bad)
        QTextStream(stderr) << "tailscope rules: " << QString::fromStdString(error.toText()) << "\n";
    return print(opt("rules"), arguments, rows, extras);
}

int runProbes(const QStringList &arguments)
{
    QList<QList<std::pair<QString, QString>>> rows;
    for (const live::Probe *probe : live::builtinProbes()) {
        rows.append({{opt("id"), text(probe->id)}, {opt("title"), text(probe->title)},
            {opt("interval"), text(humanMillis(double(probe->interval.count())))},
            {opt("privilege"), text(probe->privilege)}});
    }
    return print(opt("probes"), arguments, rows);
}

int runViews(const QStringList &arguments)
{
    QList<QList<std::pair<QString, QString>>> rows;
    for (const widgets::ViewDescriptor &row : viewRegistry())
        rows.append({{opt("id"), row.id}, {opt("title"), row.title}, {opt("help"), row.help}});
    return print(opt("views"), arguments, rows);
}

} // namespace tailscope::app
