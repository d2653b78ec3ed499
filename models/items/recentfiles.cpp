// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/recentfiles.h"

#include <QFileInfo>
#include <QSettings>

namespace tailscope::items {

namespace {
constexpr qsizetype kMaxRecent = 10;
}

RecentFiles::RecentFiles(QObject *parent)
    : QObject(parent)
    , m_files(QSettings().value(QStringLiteral("recentFiles")).toStringList())
{}

void RecentFiles::add(const QString &path)
{
    const QString absolute = QFileInfo(path).absoluteFilePath();
    m_files.removeAll(absolute);
    m_files.prepend(absolute);
    m_files = m_files.mid(0, kMaxRecent);
    save();
}

void RecentFiles::remove(const QString &path)
{
    m_files.removeAll(path);
    save();
}

void RecentFiles::clear()
{
    m_files.clear();
    save();
}

void RecentFiles::save()
{
    QSettings().setValue(QStringLiteral("recentFiles"), m_files);
    Q_EMIT changed();
}

} // namespace tailscope::items
