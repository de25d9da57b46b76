"""The image API behind the port `Images`: Tencent's Hunyuan, spoken to over aiohttp and signed by our own hand."""
