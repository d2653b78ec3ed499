// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/attachentry.h"

#include "live/conninfo.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSettings>

#include <algorithm>

namespace tailscope::app {

namespace {

constexpr int kMaxRecent = 8;
constexpr qint64 kMaxServiceFile = 256 * 1024;

const QString kRecentKey = QStringLiteral("attach/recent");

QByteArray toJson(const std::vector<AttachEntry> &entries)
{
    QJsonArray array;
    for (const AttachEntry &entry : entries) {
        // By way of the target: whatever is secret in the text stays behind.
        const auto target = entry.target();
        if (target)
            array.append(
                QJsonObject{{QStringLiteral("kind"),
                                entry.kind == live::TargetKind::Pgbouncer ? QStringLiteral("pgbouncer")
                                                                          : QStringLiteral("postgres")},
                    {QStringLiteral("name"), entry.name},
                    {QStringLiteral("text"), QString::fromStdString(target->conninfo)},
                    {QStringLiteral("remember"), entry.remember}});
    }
    return QJsonDocument(array).toJson(QJsonDocument::Compact);
}

} // namespace

QString AttachEntry::part(const char *keyword) const
{
    const auto keywords = live::keywordsOf(text.toStdString());
    if (!keywords)
        return {};
    for (const live::Keyword &one : *keywords) {
        if (one.name == keyword)
            return QString::fromStdString(one.value);
    }
    return {};
}

void AttachEntry::setPart(const char *keyword, const QString &value)
{
    live::Keywords keywords = live::keywordsOf(text.toStdString()).value_or(live::Keywords());
    const auto found = std::find_if(keywords.begin(), keywords.end(),
        [&](const live::Keyword &one) { return one.name == keyword; });
    if (value.isEmpty()) {
        if (found != keywords.end())
            keywords.erase(found);
    } else if (found != keywords.end()) {
        found->value = value.toStdString();
    } else {
        keywords.push_back({keyword, value.toStdString(), false});
    }
    text = QString::fromStdString(live::conninfoText(keywords));
}

bool AttachEntry::takePassword()
{
    const QString inText = part("password");
    if (inText.isEmpty())
        return false;
    password = inText;
    setPart("password", {});
    return true;
}

QString AttachEntry::problem() const
{
    const auto parsed = live::parseTarget(text.toStdString(), kind);
    return parsed ? QString() : QString::fromStdString(parsed.error().detail);
}

Result<live::Target> AttachEntry::target() const
{
    auto target = live::parseTarget(text.toStdString(), kind);
    if (!target)
        return target;
    if (!password.isEmpty())
        target->password = password.toStdString();
    target->label = name.trimmed().toStdString();
    return target;
}

QString AttachEntry::title() const
{
    if (!name.trimmed().isEmpty())
        return name.trimmed();
    const auto parsed = target();
    return parsed ? QString::fromStdString(live::shortText(*parsed)) : text.section(QLatin1Char(' '), 0, 0);
}

std::vector<std::vector<AttachEntry>> recentAttachments()
{
    std::vector<std::vector<AttachEntry>> all;
    const QStringList stored = QSettings().value(kRecentKey).toStringList();
    for (const QString &text : stored) {
        std::vector<AttachEntry> entries;
        const QJsonArray array = QJsonDocument::fromJson(text.toUtf8()).array();
        for (const QJsonValue &value : array) {
            const QJsonObject object = value.toObject();
            AttachEntry entry;
            entry.kind = object.value(QStringLiteral("kind")).toString() == QLatin1String("pgbouncer")
                ? live::TargetKind::Pgbouncer
                : live::TargetKind::Postgres;
            entry.name = object.value(QStringLiteral("name")).toString();
            entry.text = object.value(QStringLiteral("text")).toString();
            entry.remember = object.value(QStringLiteral("remember")).toBool();
            entries.push_back(std::move(entry));
        }
        if (!entries.empty())
            all.push_back(std::move(entries));
    }
    return all;
}

void rememberAttachment(const std::vector<AttachEntry> &entries)
{
    const QString text = QString::fromUtf8(toJson(entries));
    QStringList stored = QSettings().value(kRecentKey).toStringList();
    stored.removeAll(text);
    stored.prepend(text);
    QSettings().setValue(kRecentKey, QStringList(stored.mid(0, kMaxRecent)));
}

QStringList serviceNames()
{
    QString path = qEnvironmentVariable("PGSERVICEFILE");
    if (path.isEmpty())
        path = QDir::home().filePath(QStringLiteral(".pg_service.conf"));
    QFile file(path);
    QStringList names;
    if (!file.open(QIODevice::ReadOnly))
        return names;
    const QStringList lines = QString::fromUtf8(file.read(kMaxServiceFile)).split(QLatin1Char('\n'));
    for (const QString &line : lines) {
        const QString text = line.trimmed();
        if (text.startsWith(QLatin1Char('[')) && text.endsWith(QLatin1Char(']')))
            names << text.mid(1, text.size() - 2);
    }
    return names;
}

} // namespace tailscope::app
