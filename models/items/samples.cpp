// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/samples.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStandardPaths>

namespace tailscope::items {

namespace {

QString readText(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QVector<Sample> readIndex()
{
    QVector<Sample> list;
    const QByteArray text = readText(QStringLiteral(":/samples/index.json")).toUtf8();
    const QJsonDocument document = QJsonDocument::fromJson(text);
    const QJsonArray rows
        = document.isArray() ? document.array() : document.object().value(QStringLiteral("demos")).toArray();
    for (const auto &value : rows) {
        const QJsonObject row = value.toObject();
        Sample sample;
        sample.id = row.value(QStringLiteral("id")).toString();
        sample.title = row.value(QStringLiteral("title")).toString();
        sample.story = row.value(QStringLiteral("story")).toString();
        sample.firstView = row.value(QStringLiteral("first_view")).toString(QStringLiteral("overview"));
        for (const auto &file : row.value(QStringLiteral("files")).toArray())
            sample.files << file.toString();
        sample.help = readText(QStringLiteral(":/help/")
            + row.value(QStringLiteral("help")).toString().section(QLatin1Char('/'), -1));
        list.append(std::move(sample));
    }
    return list;
}

} // namespace

const QVector<Sample> &samples()
{
    static const QVector<Sample> list = readIndex();
    return list;
}

const Sample *sampleById(const QString &id)
{
    for (const Sample &sample : samples()) {
        if (sample.id == id)
            return &sample;
    }
    return nullptr;
}

Result<QStringList> extractSample(const Sample &sample)
{
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::CacheLocation)
        + QStringLiteral("/samples/") + sample.id;
    QStringList paths;
    QDir().mkpath(folder);
    for (const QString &name : sample.files) {
        const QString target = folder + QLatin1Char('/') + name.section(QLatin1Char('/'), -1);
        QFile source(QStringLiteral(":/samples/") + name);
        QFile copy(target);
        if (!source.open(QIODevice::ReadOnly) || !copy.open(QIODevice::WriteOnly | QIODevice::Truncate)
            || copy.write(source.readAll()) < 0) {
            return fail(ErrorCode::NotReadable, target.toStdString(),
                "the sample could not be copied out of the program: " + copy.errorString().toStdString(),
                "Check that the cache folder is writable");
        }
        paths << target;
    }
    return paths;
}

} // namespace tailscope::items
