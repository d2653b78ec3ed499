// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/base/view.h"

#include "session/session.h"

#include <QApplication>
#include <QImage>
#include <QPainter>
#include <QSvgGenerator>

namespace tailscope::widgets {

View::View(session::Session *session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
{
    setFocusPolicy(Qt::StrongFocus);
}

session::SessionContext *View::context() const { return m_session->context(); }

QString View::commandLine() const
{
    QString path = QString::fromStdString(m_session->workspace().path().string());
    path.replace(QLatin1Char('\''), QStringLiteral("'\\''"));
    QString command = QStringLiteral("tailscope render '%1' --view %2").arg(path, viewId());
    if (const auto range = context()->range())
        command += QStringLiteral(" --range %1..%2").arg(range->begin).arg(range->end);
    if (const QString filter = context()->filterText(); !filter.isEmpty()) {
        QString quoted = filter;
        command += QStringLiteral(" --filter '%1'")
                       .arg(quoted.replace(QLatin1Char('\''), QStringLiteral("'\\''")));
    }
    return command + QStringLiteral(" -o %1.png").arg(viewId());
}

QString View::exportPicture(const QString &path)
{
    if (path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)) {
        QSvgGenerator generator;
        generator.setFileName(path);
        generator.setSize(size());
        generator.setViewBox(rect());
        generator.setTitle(windowTitle().isEmpty() ? viewId() : windowTitle());
        QPainter painter;
        if (!painter.begin(&generator))
            return tr("%1 could not be written. Choose another folder.").arg(path);
        render(&painter);
        return {};
    }
    QImage image(size() * devicePixelRatioF(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(devicePixelRatioF());
    image.fill(palette().color(QPalette::Window));
    QPainter painter(&image);
    render(&painter);
    painter.end();
    if (!image.save(path))
        return tr("%1 could not be written. Choose another folder or one of the endings .png and .svg.")
            .arg(path);
    return {};
}

} // namespace tailscope::widgets
