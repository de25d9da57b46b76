"""Every error code the vendor's pages and packages list, with what it says in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    # Common codes of every product of the vendor (pages 1124/51868 and 1124/64540).
    "ActionOffline": ("接口已下线。", "This API action has been taken offline."),
    "AuthFailure": ("CAM 签名/鉴权错误。", "CAM signature or authentication error."),
    "AuthFailure.InvalidAuthorization": (
        "请求头部的 Authorization 不符合腾讯云标准。",
        "The Authorization header does not meet the standard.",
    ),
    "AuthFailure.InvalidSecretId": ("密钥非法(不是云 API 密钥类型)。", "The key is not a cloud API key."),
    "AuthFailure.MFAFailure": ("MFA 错误。", "MFA failed."),
    "AuthFailure.SecretIdNotFound": (
        "The SecretId is not found, please ensure that your SecretId is correct. 密钥不存在。",
        "The SecretId is not found, please ensure that your SecretId is correct.",
    ),
    "AuthFailure.SignatureExpire": (
        "签名过期。Timestamp 和服务器时间相差不得超过五分钟，请检查本地时间。",
        "The signature has expired: the timestamp is more than five minutes away from the server's time.",
    ),
    "AuthFailure.SignatureFailure": (
        "签名错误。签名计算错误，请对照调用方式中的签名方法文档检查签名计算过程。",
        "The provided credentials could not be validated. Please check your signature is correct.",
    ),
    "AuthFailure.TokenFailure": ("token 错误。", "The token is wrong."),
    "AuthFailure.UnauthorizedOperation": ("请求未授权。", "The request is not authorized by CAM."),
    "DryRunOperation": (
        "DryRun 操作，代表请求将会是成功的，只是多传了 DryRun 参数。",
        "The request would have succeeded, but DryRun was set.",
    ),
    "FailedOperation": ("操作失败。", "The operation failed."),
    "InternalError": ("内部错误。", "Internal error."),
    "InvalidAction": ("接口不存在。", "The API action does not exist."),
    "InvalidParameter": ("参数错误(包括参数格式、类型等错误)。", "A parameter is wrong in format or type."),
    "InvalidParameterValue": ("参数取值错误。", "A parameter has a wrong value."),
    "InvalidRequest": ("请求 body 的 multipart 或 JSON 格式错误。", "The body of the request is not well-formed."),
    "IpInBlacklist": ("IP 地址在黑名单中。", "The IP address is on the deny list."),
    "IpNotInWhitelist": ("IP 地址不在白名单中。", "The IP address is not on the allow list."),
    "LimitExceeded": ("超过配额限制。", "The quota is exceeded."),
    "MissingParameter": ("缺少参数。", "A required parameter is missing."),
    "NoSuchProduct": ("产品不存在。", "The product does not exist."),
    "NoSuchVersion": ("接口版本不存在。", "The API version does not exist."),
    "OperationDenied": ("操作被拒绝。", "The operation is denied."),
    "RequestLimitExceeded": ("请求的次数超过了频率限制。", "Too many requests: the rate limit is exceeded."),
    "RequestLimitExceeded.GlobalRegionUinLimitExceeded": ("主账号超过频率限制。", "The main account is over its rate."),
    "RequestLimitExceeded.IPLimitExceeded": ("IP 限频。", "The IP address is over its rate."),
    "RequestLimitExceeded.JobNumExceed": (
        "同时处理的任务数已达上限，请稍后再试。",
        "The limit of jobs processed at the same time is reached, please try again later.",
    ),
    "RequestLimitExceeded.UinLimitExceeded": ("主账号限频。", "The account is over its rate."),
    "RequestSizeLimitExceeded": ("请求包超过限制大小。", "The request is larger than allowed."),
    "ResourceInUse": ("资源被占用。", "The resource is in use."),
    "ResourceInsufficient": ("资源不足。", "Not enough resources."),
    "ResourceNotFound": ("资源不存在。", "The resource does not exist."),
    "ResourceUnavailable": ("资源不可用。", "The resource is not available."),
    "ResponseSizeLimitExceeded": ("返回包超过限制大小。", "The response is larger than allowed."),
    "ServiceUnavailable": ("当前服务暂时不可用。", "The service is not available for the moment."),
    "UnauthorizedOperation": ("未授权操作。", "The operation is not authorized."),
    "UnknownParameter": (
        "未知参数错误，用户多传未定义的参数会导致错误。",
        "A parameter is not defined for this action.",
    ),
    "UnsupportedOperation": ("操作不支持。", "The operation is not supported."),
    "UnsupportedProtocol": (
        "HTTP(S) 请求协议错误，只支持 GET 和 POST 请求。",
        "Only GET and POST requests are supported.",
    ),
    "UnsupportedRegion": ("接口不支持所传地域。", "The action does not support this region."),
    # The image calls of products hunyuan and aiart.
    "FailedOperation.ConsoleServerError": ("控制台服务异常。", "The console service failed."),
    "FailedOperation.DownloadError": ("文件下载失败。", "A file could not be downloaded."),
    "FailedOperation.EngineRequestTimeout": ("引擎层请求超时，请稍后重试。", "The engine timed out, please retry."),
    "FailedOperation.EngineServerError": ("引擎层内部错误。", "The engine had an internal error."),
    "FailedOperation.EngineServerLimitExceeded": ("引擎层并发数超限。", "The engine is over its concurrency."),
    "FailedOperation.FreeResourcePackExhausted": ("免费资源包余量已用尽。", "The free resource pack is used up."),
    "FailedOperation.GenerateImageFailed": ("生成图片审核不通过，请重试。", "The generated picture failed review."),
    "FailedOperation.ImageDecodeFailed": ("图片解码失败。", "The image could not be decoded."),
    "FailedOperation.ImageDownloadError": ("图片下载错误。", "The image could not be downloaded."),
    "FailedOperation.ImageResolutionExceed": ("图片分辨率过大。", "The image has too many pixels."),
    "FailedOperation.ImageSizeExceed": ("base64 编码后的图片数据过大。", "The image is too large in base64."),
    "FailedOperation.InnerError": ("服务内部错误，请重试。", "The service had an internal error, please retry."),
    "FailedOperation.JobNotExist": ("任务不存在。", "The job does not exist."),
    "FailedOperation.JobNotFound": ("任务未找到。", "The job was not found."),
    "FailedOperation.JobQueueFull": ("任务队列已满，请稍后再试。", "The queue of jobs is full, please retry later."),
    "FailedOperation.ModerationFailed": ("输入内容未通过审核。", "The input failed moderation."),
    "FailedOperation.PartnerAccountUnSupport": ("不支持合作伙伴账号。", "Partner accounts are not supported."),
    "FailedOperation.RequestEntityTooLarge": ("整个请求体太大。", "The body of the request is too large."),
    "FailedOperation.RequestTimeout": ("后端服务超时，请重试。", "The backend timed out, please retry."),
    "FailedOperation.ResourcePackExhausted": ("资源包余量已用尽。", "The resource pack is used up."),
    "FailedOperation.RpcFail": ("RPC 请求失败，一般为算法微服务故障。", "An inner request failed."),
    "FailedOperation.ServerError": ("服务内部错误。", "The server had an error."),
    "FailedOperation.ServiceNotActivated": ("服务未开通。", "The service is not activated."),
    "FailedOperation.ServiceStop": ("服务已停服。", "The service has been stopped."),
    "FailedOperation.ServiceStopArrears": ("欠费停服。", "The service is stopped for unpaid bills."),
    "FailedOperation.SetPayModeExceed": ("后付费设置超过次数。", "The pay mode was changed too often."),
    "FailedOperation.Unknown": ("未知错误。", "An unknown error."),
    "FailedOperation.UserUnAuthError": ("用户未实名认证。", "The account has no real-name authentication."),
    "InternalError.Error": ("内部错误。", "Internal error."),
    "InvalidParameter.ImageCountLimitExceededError": ("图片数量超过限制。", "Too many images."),
    "InvalidParameter.ImageProcessingFailureError": ("图片处理失败。", "The image could not be processed."),
    "InvalidParameter.InvalidParameter": ("参数不合法。", "A parameter is not valid."),
    "InvalidParameterValue.ImageEmpty": ("图片为空。", "The image is empty."),
    "InvalidParameterValue.ImageRequestError": ("图片请求错误。", "The image could not be requested."),
    "InvalidParameterValue.LogoParamErr": ("LogoParam 参数错误。", "LogoParam is wrong."),
    "InvalidParameterValue.Model": ("模型不存在。", "The model does not exist."),
    "InvalidParameterValue.ParameterValueError": ("参数字段或者值有误。", "A field or its value is wrong."),
    "InvalidParameterValue.StyleConflict": ("风格参数冲突。", "The style conflicts with another parameter."),
    "InvalidParameterValue.TextLengthExceed": ("输入文本过长，请更换短一点的文本后重试。", "The text is too long."),
    "InvalidParameterValue.UrlIllegal": ("URL 格式不合法。", "The URL is not well-formed."),
    "OperationDenied.ImageIllegalDetected": (
        "图片包含违法违规信息，审核不通过。",
        "The image holds content that failed review.",
    ),
    "OperationDenied.TextIllegalDetected": (
        "文本包含违法违规信息，审核不通过。",
        "The text holds content that failed review.",
    ),
    "ResourceInsufficient.ChargeResourceExhaust": ("账号计费资源已耗尽。", "The account's paid resources are used up."),
    "ResourceUnavailable.Delivering": ("资源正在发货中。", "The resource is being provisioned."),
    "ResourceUnavailable.InArrears": ("账号已欠费。", "The account is in arrears."),
    "ResourceUnavailable.IsOpening": ("服务正在开通中。", "The service is being activated."),
    "ResourceUnavailable.LowBalance": ("余额不足。", "The balance is too low."),
    "ResourceUnavailable.NotExist": (
        "计费状态未知，请确认是否已在控制台开通服务。",
        "The billing state is unknown; please make sure that the service is enabled in the console.",
    ),
    "ResourceUnavailable.StopUsing": ("账号已停服。", "The account's service has been stopped."),
    "ResourcesSoldOut.ChargeStatusException": ("计费状态异常。", "The billing state is abnormal."),
}
"""Code -> (Chinese, English). Where the vendor prints no text of its own the sentence is ours."""


class Refusal(Exception):  # noqa: N818 (a refusal is an answer, not an accident)
    """The API says no: a code of the vendor's and, in both languages, what about the request it dislikes."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail

    def message(self, language: str) -> str:
        """Return the sentence in `language` (`zh-CN` unless it is `en-US`), with the detail behind it."""
        return message_of(self.code, language) + (f" [{self.detail}]" if self.detail else "")


def message_of(code: str, language: str = "zh-CN") -> str:
    """Return what `code` says; a code that is in no list borrows the sentence of its first part."""
    chinese, english = MESSAGES.get(code) or MESSAGES.get(code.partition(".")[0]) or MESSAGES["FailedOperation"]
    return english if language == "en-US" else chinese
